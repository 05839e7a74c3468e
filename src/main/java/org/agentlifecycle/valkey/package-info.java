/**
 * The only package that knows Jedis: connection, keys, functions, stores, readiness. What lives in
 * Valkey and why is told at the head of {@code valkey/agents.lua}.
 */
package org.agentlifecycle.valkey;
