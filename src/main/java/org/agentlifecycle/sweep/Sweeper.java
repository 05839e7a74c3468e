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
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Runs every {@link Sweep} at a fixed interval, from the start of the application to its end. Each
 * has its own schedule, and a run that fails does not end it.
 */
@ApplicationScoped
public class Sweeper {
  /** Pause before a run continues that used up its time budget. Other work has its turn in it. */
  private static final Duration TURN_PAUSE = Duration.ofMillis(10);

  @Resource private ManagedScheduledExecutorService scheduler;

  private final Iterable<Sweep> sweeps;
  private final Duration interval;
  private final List<ScheduledSweep> scheduled = new CopyOnWriteArrayList<>();
  private volatile boolean stopping;

  /** For the client proxy. */
  protected Sweeper() {
    sweeps = null;
    interval = null;
  }

  @Inject
  public Sweeper(@Any Instance<Sweep> sweeps, SweepSettings settings) {
    this.sweeps = sweeps;
    this.interval = settings.interval();
  }

  void onStartup(@Observes Startup startup) {
    for (Sweep sweep : sweeps) {
      ScheduledSweep task = new ScheduledSweep(sweep, this::continueSoon, () -> stopping);
      task.scheduledAs(
          scheduler.scheduleWithFixedDelay(
              task::run, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS));
      scheduled.add(task);
    }
  }

  /** Returns whether the sweeps are scheduled. */
  boolean isScheduled() {
    return !scheduled.isEmpty();
  }

  /** Returns the time since the last step of the sweep whose last step is the oldest. */
  Duration timeSinceLastStep() {
    return Duration.ofNanos(
        scheduled.stream().mapToLong(ScheduledSweep::nanosSinceLastStep).max().orElse(0));
  }

  /** The sweeps that fail again and again, with the reason. */
  Map<String, String> failing() {
    return scheduled.stream()
        .filter(ScheduledSweep::isFailing)
        .collect(Collectors.toMap(ScheduledSweep::name, ScheduledSweep::failure, (a, b) -> b));
  }

  /** Returns whether every sweep fails again and again. */
  boolean allFail() {
    return isScheduled() && scheduled.stream().allMatch(ScheduledSweep::isFailing);
  }

  /** Returns whether the task will run. At the stop of the server it does not. */
  private boolean continueSoon(Runnable task) {
    try {
      Future<?> unused = scheduler.schedule(task, TURN_PAUSE.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (RejectedExecutionException rejected) {
      return false;
    }
  }

  /** From the end of one run to the start of the next. */
  Duration interval() {
    return interval;
  }

  @PreDestroy
  void stop() {
    stopping = true;
    scheduled.forEach(ScheduledSweep::cancel);
  }
}
