package org.agentlifecycle.session;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.agentlifecycle.sweep.Sweep;

/**
 * A sweep whose step is one call of the store.
 *
 * @param <T> result of a step for one changed agent
 */
public abstract class StoreSweep<T> implements Sweep {
  private static final Logger LOG = System.getLogger(StoreSweep.class.getName());

  private final int batchSize;

  /**
   * @param batchSize maximum number of entries of one step, so that a step does not block the store
   */
  protected StoreSweep(int batchSize) {
    this.batchSize = batchSize;
  }

  /** Performs one step in the store. */
  protected abstract SweepResult<T> step(int batchSize);

  /** Publishes one result of a step. */
  protected abstract void publish(T result);

  @Override
  public boolean sweep() {
    SweepResult<T> result = step(batchSize);
    result.results().forEach(this::publish);
    result.damaged().forEach(StoreSweep::logDamaged);
    return result.scanned() == batchSize;
  }

  private static void logDamaged(String agentId) {
    LOG.log(
        Level.ERROR,
        "record of an agent cannot be read and is skipped, repair or remove it: {0}",
        agentId);
  }
}
