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
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Runs every {@link Sweep} again and again, from the start of the application to its end. A pass
 * that fails never ends the schedule.
 */
@ApplicationScoped
public class Sweeper {
  private static final Logger LOG = System.getLogger(Sweeper.class.getName());

  /** A run of a sweep ends after this time or after the interval, whichever is longer. */
  private static final Duration MIN_TIME_BUDGET = Duration.ofSeconds(1);

  @Resource private ManagedScheduledExecutorService scheduler;

  private final Iterable<Sweep> sweeps;
  private final Duration every;
  private final List<Round> rounds = new CopyOnWriteArrayList<>();
  private volatile boolean stopping;

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
    for (Sweep sweep : sweeps) {
      Round round = new Round(sweep);
      round.schedule =
          scheduler.scheduleWithFixedDelay(
              round::pass, every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
      rounds.add(round);
    }
  }

  /** Whether passes have been scheduled. */
  boolean isScheduled() {
    return !rounds.isEmpty();
  }

  /** Returns the time since the last step of the sweep whose last step is the oldest. */
  Duration sinceLastPass() {
    long now = System.nanoTime();
    return Duration.ofNanos(
        rounds.stream().mapToLong(round -> now - round.lastPass).max().orElse(0));
  }

  private Duration timeBudget() {
    return every.compareTo(MIN_TIME_BUDGET) > 0 ? every : MIN_TIME_BUDGET;
  }

  /** From the end of one pass to the start of the next. */
  Duration every() {
    return every;
  }

  @PreDestroy
  void stop() {
    stopping = true;
    rounds.forEach(round -> round.schedule.cancel(false));
  }

  /** The passes of one sweep, which wait for no other. */
  private final class Round {
    private final Sweep sweep;
    private volatile long lastPass = System.nanoTime();
    private ScheduledFuture<?> schedule;
    private boolean failing;

    Round(Sweep sweep) {
      this.sweep = sweep;
    }

    /** A task that throws is never run again, and some servers do not even say so. */
    void pass() {
      try {
        runSteps();
        if (failing) {
          LOG.log(Level.INFO, "{0} succeeds again", this);
        }
        failing = false;
      } catch (RuntimeException | Error failure) {
        // While the store is away every pass fails: it is said once, and once more when that is
        // over.
        LOG.log(failing ? Level.DEBUG : Level.WARNING, this + " failed", failure);
        failing = true;
      }
      lastPass = System.nanoTime();
    }

    /**
     * Runs steps until nothing more is due or the time budget is used up. Each step is progress:
     * liveness must not depend on the size of a backlog.
     */
    private void runSteps() {
      long end = System.nanoTime() + timeBudget().toNanos();
      boolean more = true;
      while (more && !stopping && System.nanoTime() - end < 0) {
        more = sweep.sweep();
        lastPass = System.nanoTime();
      }
    }

    @Override
    public String toString() {
      return sweep.name();
    }
  }
}
