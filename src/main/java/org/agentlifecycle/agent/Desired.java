package org.agentlifecycle.agent;

import java.time.Instant;

/**
 * The desired state of an agent. Its runner learns of it in the response to the next heartbeat.
 *
 * @param mode what is wanted
 * @param since when this mode was requested
 * @param deadline when an agent that should stop is killed; null for other modes
 * @param reason why it is wanted; null: unknown
 */
public record Desired(Mode mode, Instant since, Instant deadline, String reason) {

  /** What is wanted of an agent. */
  public enum Mode implements WireName {
    /** It works. */
    RUNNING,
    /** It pauses. The service does not enforce it. */
    PAUSED,
    /** It ends by itself before the deadline. A stop cannot be withdrawn. */
    STOPPED
  }
}
