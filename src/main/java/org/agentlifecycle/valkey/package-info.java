/**
 * The store: connections, the function library, the implementations of the store interfaces, and
 * readiness. Only this package uses Jedis. The head of {@code valkey/agents.lua} describes the
 * data.
 */
package org.agentlifecycle.valkey;
