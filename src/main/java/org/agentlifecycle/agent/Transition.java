package org.agentlifecycle.agent;

import java.time.Instant;

/**
 * One step of an agent's history.
 *
 * @param version the agent's version after it
 * @param from the status before; null for the registration
 * @param to the status after
 * @param at the timestamp of its event
 * @param actor who asked for it, or null
 * @param reason why, or null
 * @param error why the agent failed, or null
 * @param eventId the feed's id of its event
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
