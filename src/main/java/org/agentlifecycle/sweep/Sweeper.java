package org.agentlifecycle.sweep;

import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Runs every {@link Sweep} again and again, from the start of the application to its end. A pass
 * that fails never ends the schedule.
 */
@ApplicationScoped
public class Sweeper {
  private static final Logger LOG = System.getLogger(Sweeper.class.getName());

  @Resource private ManagedScheduledExecutorService scheduler;

  private final Iterable<Sweep> sweeps;
  private final Duration every;
  private volatile long lastPass = System.nanoTime();
  private volatile boolean failing;
  private volatile ScheduledFuture<?> schedule;

  /** For the client proxy. */
  protected Sweeper() {
    sweeps = null;
    every = null;
  }

  @Inject
  public Sweeper(@Any Instance<Sweep> sweeps, SweepSettings settings) {
    this.sweeps = sweeps;
    this.every = settings.every();
  }

  void start(@Observes Startup startup) {
    schedule =
        scheduler.scheduleWithFixedDelay(
            this::pass, every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Whether passes have been scheduled. */
  boolean isScheduled() {
    return schedule != null;
  }

  /** A task that throws is never run again, and some servers do not even say so. */
  void pass() {
    boolean failed = false;
    for (Sweep sweep : sweeps) {
      try {
        sweep.sweep();
      } catch (RuntimeException failure) {
        failed = true;
        // While the store is away every pass fails: it is said once, and once more when that is
        // over.
        LOG.log(failing ? Level.DEBUG : Level.WARNING, "a sweep failed", failure);
      }
    }
    if (failing && !failed) {
      LOG.log(Level.INFO, "sweeps succeed again");
    }
    failing = failed;
    lastPass = System.nanoTime();
  }

  /** How long ago the last pass ended, whether it succeeded or not. */
  Duration sinceLastPass() {
    return Duration.ofNanos(System.nanoTime() - lastPass);
  }

  /** From the end of one pass to the start of the next. */
  Duration every() {
    return every;
  }

  @PreDestroy
  void stop() {
    if (schedule != null) {
      schedule.cancel(false);
    }
  }
}
