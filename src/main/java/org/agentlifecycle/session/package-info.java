/**
 * The live working record of an agent's process: opened with the agent, ended by the runner's word
 * or, after a delay, by the cleanup.
 */
package org.agentlifecycle.session;
