package org.agentlifecycle.sweep;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.function.BooleanSupplier;
import org.agentlifecycle.agent.LifecycleException;

/** One sweep and its schedule, with the result of its last runs. */
final class ScheduledSweep {
  private static final Logger LOG = System.getLogger(ScheduledSweep.class.getName());

  /** A single failure is normal: the next run tries again. */
  private static final int FAILING = 3;

  private final Sweep sweep;
  private final Duration timeBudget;
  private final BooleanSupplier stopping;
  private volatile long lastStep = System.nanoTime();
  private volatile int failures;
  private volatile String reason;
  private ScheduledFuture<?> schedule;

  /**
   * @param timeBudget after which a run ends
   * @param stopping whether a run ends after its step
   */
  ScheduledSweep(Sweep sweep, Duration timeBudget, BooleanSupplier stopping) {
    this.sweep = sweep;
    this.timeBudget = timeBudget;
    this.stopping = stopping;
  }

  void scheduledAs(ScheduledFuture<?> future) {
    schedule = future;
  }

  void cancel() {
    schedule.cancel(false);
  }

  String name() {
    return sweep.name();
  }

  long nanosSinceLastStep() {
    return System.nanoTime() - lastStep;
  }

  /** Whether the last runs failed, one after the other. */
  boolean isFailing() {
    return failures >= FAILING;
  }

  /** The reason of the last failure and the number of failures in a row. */
  String failure() {
    return reason + ", " + failures + " times in a row";
  }

  /** Runs the sweep. It catches everything, because a task that throws is never run again. */
  void run() {
    try {
      runSteps();
      succeeded();
    } catch (Throwable failure) {
      failed(failure);
    }
    lastStep = System.nanoTime();
  }

  /**
   * Runs steps until nothing more is due or the time budget is used up. Each step is progress:
   * liveness must not depend on the size of a backlog.
   */
  private void runSteps() {
    long end = System.nanoTime() + timeBudget.toNanos();
    boolean more = true;
    while (more && !stopping.getAsBoolean() && System.nanoTime() - end < 0) {
      more = sweep.sweep();
      lastStep = System.nanoTime();
    }
  }

  private void succeeded() {
    if (isFailing()) {
      LOG.log(Level.INFO, "sweep succeeds again: {0}", name());
    }
    failures = 0;
  }

  /** Logs only the first failure. The store's client logs that the store is unavailable. */
  private void failed(Throwable failure) {
    boolean expected = failure instanceof LifecycleException known && known.isStoreOutage();
    boolean first = failures == 0 && !expected;
    LOG.log(
        first ? Level.WARNING : Level.DEBUG,
        "sweep failed, the next run tries again: " + name(),
        failure);
    reason =
        failure instanceof LifecycleException known
            ? known.reason().name()
            : failure.getClass().getSimpleName();
    failures++;
  }
}
