/**
 * Real servers with the real WAR as a platform treats them: several on one store, raced, killed,
 * without a store, with a hundred thousand agents, with settings that are wrong.
 */
package org.agentlifecycle.cluster;
