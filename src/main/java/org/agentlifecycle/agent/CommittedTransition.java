package org.agentlifecycle.agent;

/**
 * A change that the store has committed: both halves were written in one step.
 *
 * @param agent the agent after it
 * @param event what the feed says of it
 */
public record CommittedTransition(Agent agent, AgentEvent event) {}
