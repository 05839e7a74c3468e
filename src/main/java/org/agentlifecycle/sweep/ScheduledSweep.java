package org.agentlifecycle.sweep;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.agentlifecycle.agent.LifecycleException;

/** One sweep and its schedule, with the result of its last runs. */
final class ScheduledSweep {
  private static final Logger LOG = System.getLogger(ScheduledSweep.class.getName());

  /** Time budget of one run. Some servers have one thread for all scheduled work. */
  private static final Duration TIME_BUDGET = Duration.ofMillis(250);

  /** A single failure is normal: the next run tries again. */
  private static final int FAILING = 3;

  private final Sweep sweep;
  private final Predicate<Runnable> continueSoon;
  private final BooleanSupplier stopping;
  private final AtomicBoolean running = new AtomicBoolean();
  private final AtomicBoolean continuing = new AtomicBoolean();
  private volatile long lastStep = System.nanoTime();
  private volatile int failures;
  private volatile String reason;
  private ScheduledFuture<?> schedule;

  /**
   * @param continueSoon schedules the continuation of a run that used up its time budget; returns
   *     false if it does not run
   * @param stopping whether a run ends after its step
   */
  ScheduledSweep(Sweep sweep, Predicate<Runnable> continueSoon, BooleanSupplier stopping) {
    this.sweep = sweep;
    this.continueSoon = continueSoon;
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

  /** Returns whether the last runs failed, one after the other. */
  boolean isFailing() {
    return failures >= FAILING;
  }

  /** Returns the reason of the last failure and the number of failures in a row. */
  String failure() {
    return reason + ", " + failures + " times in a row";
  }

  /** Runs the sweep, unless a continuation of its last run is still running. */
  void run() {
    if (running.compareAndSet(false, true)) {
      boolean more = tryRun();
      running.set(false);
      boolean wanted = more && !stopping.getAsBoolean() && continuing.compareAndSet(false, true);
      if (wanted && !continueSoon.test(this::resume)) {
        continuing.set(false);
      }
    }
  }

  private void resume() {
    continuing.set(false);
    run();
  }

  /** Runs the sweep. It catches everything, because a task that throws is never run again. */
  private boolean tryRun() {
    boolean more = false;
    try {
      more = runSteps();
      succeeded();
    } catch (Throwable failure) {
      failed(failure);
    }
    lastStep = System.nanoTime();
    return more;
  }

  /**
   * Runs steps until nothing more is due or the time budget is used up. Each step is progress:
   * liveness must not depend on the size of a backlog.
   *
   * @return whether more may be due
   */
  private boolean runSteps() {
    long end = System.nanoTime() + TIME_BUDGET.toNanos();
    boolean more = true;
    while (more && !stopping.getAsBoolean() && System.nanoTime() - end < 0) {
      more = sweep.sweep();
      lastStep = System.nanoTime();
    }
    return more;
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
