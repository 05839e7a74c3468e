package org.agentlifecycle.agent;

import java.time.Instant;

/**
 * One transition in the history of an agent.
 *
 * @param version the version of the agent after the transition
 * @param from the status before; null for the registration
 * @param to the status after
 * @param at the timestamp of the event
 * @param actor the caller that asked for the transition; null: unknown
 * @param reason why the caller asked for the transition; null: unknown
 * @param error why the agent failed; null: it did not fail
 * @param eventId the id of the event in the feed
 */
public record Transition(
    long version,
    AgentStatus from,
    AgentStatus to,
    Instant at,
    String actor,
    String reason,
    String error,
    String eventId) {}
