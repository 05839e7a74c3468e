/**
 * The domain: what an agent is, which moves it may make, and the one place where moves happen.
 * Knows neither HTTP nor Valkey.
 */
package org.agentlifecycle.agent;
