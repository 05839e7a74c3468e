package org.agentlifecycle.admission;

/**
 * The rule whether and how many agents may be active.
 *
 * @param open false: registrations are rejected
 * @param maxActive maximum number of active agents; 0: no limit
 */
public record Admission(boolean open, long maxActive) {}
