package org.agentlifecycle.agent;

/**
 * A transition that the store has committed, with its event.
 *
 * @param agent the agent after the transition
 * @param event the event in the feed
 */
public record CommittedTransition(Agent agent, TransitionEvent event) {}
