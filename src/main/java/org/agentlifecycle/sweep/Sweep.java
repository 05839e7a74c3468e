package org.agentlifecycle.sweep;

/**
 * Work that is looked for at every pass of the {@link Sweeper}. Every server sweeps, so an
 * implementation leaves it to the store that each piece of work is done once.
 */
public interface Sweep {

  /** What it does, for the log: "the cleanup of sessions". */
  String name();

  /**
   * Does what is due now, in bounded batches. A failure is logged, and the next pass tries again.
   */
  void sweep();
}
