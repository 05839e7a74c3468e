package org.agentlifecycle.sweep;

/**
 * Work that is looked for at every pass of the {@link Sweeper}. Every server sweeps, so an
 * implementation leaves it to the store that each piece of work is done once.
 */
public interface Sweep {

  /** What it does, for the log: "the cleanup of sessions". */
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
