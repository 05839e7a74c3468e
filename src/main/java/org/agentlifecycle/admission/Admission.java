package org.agentlifecycle.admission;

/**
 * The rule whether and how many agents may be active.
 *
 * @param open false: registrations are rejected
 * @param maxActive maximum number of active agents; 0: no limit
 */
public record Admission(boolean open, long maxActive) {

  /** Greatest allowed limit. */
  public static final long MAX_LIMIT = 1_000_000_000;
}
