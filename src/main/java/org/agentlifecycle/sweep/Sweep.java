package org.agentlifecycle.sweep;

/**
 * Periodic work. Every server runs every sweep, so that the store must guarantee that each piece of
 * work is done once.
 */
public interface Sweep {

  /** Returns the name for the log, for example "session cleanup". */
  String name();

  /**
   * Does one bounded step of the work that is due now. The {@link Sweeper} calls it again until
   * nothing more is due or the time budget of the run is used up. A failure ends the run, and the
   * next run tries again.
   *
   * @return whether more may be due
   */
  boolean sweep();
}
