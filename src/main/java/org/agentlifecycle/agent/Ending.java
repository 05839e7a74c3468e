package org.agentlifecycle.agent;

/**
 * How an agent ended.
 *
 * @param status its final status
 * @param reason the reason of its last transition; null if there is none
 * @param error why it failed; null if it did not
 * @param killId the bulk kill that killed it; null if none did
 */
public record Ending(AgentStatus status, String reason, String error, String killId) {}
