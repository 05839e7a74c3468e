package org.agentlifecycle.agent;

import java.time.Duration;

/**
 * The timeouts of an agent. Null means that there is none.
 *
 * @param start maximum time from the registration to the transition to running
 * @param run maximum time from the transition to running to a final status
 */
public record Timeouts(Duration start, Duration run) {

  /** No timeout. */
  public static final Timeouts NONE = new Timeouts(null, null);

  /** Returns these timeouts; a default takes the place of an absent one. */
  public Timeouts or(Timeouts defaults) {
    return new Timeouts(start == null ? defaults.start : start, run == null ? defaults.run : run);
  }
}
