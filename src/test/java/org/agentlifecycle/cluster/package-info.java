/**
 * Integration tests with real servers and the real WAR: several servers with one store, races,
 * crashes, outages of the store, large data sets and invalid configuration.
 */
package org.agentlifecycle.cluster;
