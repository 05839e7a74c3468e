package org.agentlifecycle.feed;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Reads new events of the feed, once for all followers of a server, while there are followers.
 * After a failure of any kind it continues from its position.
 */
final class LiveFeedReader {

  /** Maximum memory of the recent events: several seconds of a busy feed. */
  static final long MAX_RECENT_BYTES = 16L << 20;

  private static final int MAX_EVENTS = 1000;

  /** Maximum time of one wait for an event. */
  private static final Duration WAIT = Duration.ofSeconds(2);

  /** Time in which events are gathered, so that events in quick succession share one call. */
  private static final long LINGER_MS = 5;

  private static final long RETRY_DELAY_MS = 250;

  /**
   * Returns the age of the last step after which the reader is started again. A step takes a few
   * seconds.
   */
  private static final Duration STUCK = Duration.ofSeconds(30);

  private final FeedStore store;
  private final Executor executor;
  private final ScheduledExecutorService scheduler;
  private final LongSupplier nanoTime;
  private final BooleanSupplier hasFollowers;
  private final Runnable onNewEvents;
  private final Runnable onInterruption;
  private final AtomicBoolean running = new AtomicBoolean();
  private final AtomicLong revision = new AtomicLong();
  private final AtomicLong run = new AtomicLong();
  private volatile RecentEvents recent = new RecentEvents(0, EventId.BEGINNING, 0);
  private volatile long lastStep;
  private volatile boolean restart;
  private volatile boolean failing;

  /**
   * @param executor runs the steps, which wait for events; the scheduler may have only one thread
   * @param onNewEvents is called after each change of {@link #recent()}
   * @param onInterruption is called if the feed was replaced, and at the first of several failures
   */
  LiveFeedReader(
      FeedStore store,
      Executor executor,
      ScheduledExecutorService scheduler,
      LongSupplier nanoTime,
      BooleanSupplier hasFollowers,
      Runnable onNewEvents,
      Runnable onInterruption) {
    this.store = store;
    this.executor = executor;
    this.scheduler = scheduler;
    this.nanoTime = nanoTime;
    this.hasFollowers = hasFollowers;
    this.onNewEvents = onNewEvents;
    this.onInterruption = onInterruption;
  }

  /** Returns the newest events, which followers need not read from the store. */
  RecentEvents recent() {
    return recent;
  }

  /** Returns the number of changes of {@link #recent()}. */
  long revision() {
    return revision.get();
  }

  /** Starts the reader unless it runs. */
  void start() {
    if (running.compareAndSet(false, true)) {
      restart = true;
      begin();
    }
  }

  /**
   * Starts the reader again if its last step is too old, for example because memory was exhausted.
   */
  void restartIfStuck() {
    if (timeSinceLastStep().compareTo(STUCK) > 0) {
      begin();
    }
  }

  /** Returns the age of the last step; zero while there are no followers. */
  Duration timeSinceLastStep() {
    return running.get() ? Duration.ofNanos(nanoTime.getAsLong() - lastStep) : Duration.ZERO;
  }

  private void begin() {
    lastStep = nanoTime.getAsLong();
    long id = run.incrementAndGet();
    next(id, this::awaitEvents, 0);
  }

  private void next(long id, Step step, long delayMs) {
    try {
      if (delayMs == 0) {
        executor.execute(() -> runStep(id, step));
      } else {
        var unused = scheduler.schedule(() -> next(id, step, 0), delayMs, TimeUnit.MILLISECONDS);
      }
    } catch (RejectedExecutionException stopping) {
      running.set(false);
    }
  }

  private void runStep(long id, Step step) {
    if (run.get() != id) {
      return; // another run has replaced this one
    }
    lastStep = nanoTime.getAsLong();
    if (!hasFollowers.getAsBoolean()) {
      running.set(false);
      if (hasFollowers.getAsBoolean()) {
        start();
      }
      return;
    }
    try {
      step.run(id);
      failing = false;
    } catch (Throwable failure) { // also an Error: the reader must continue
      FeedFailures.log(
          failing ? Level.DEBUG : Level.WARNING, "read of the feed failed, retrying", failure);
      boolean first = !failing;
      failing = true;
      next(id, this::awaitEvents, RETRY_DELAY_MS);
      if (first) {
        onInterruption.run();
      }
    }
  }

  private void awaitEvents(long id) {
    if (restart) {
      EventId newest = store.lastEventId();
      recent = new RecentEvents(MAX_RECENT_BYTES, newest, recent.generation());
      restart = false;
      publish();
    }
    boolean found = store.awaitEvent(recent.last(), WAIT);
    next(id, this::readNewEvents, found ? LINGER_MS : 0);
  }

  /** Also without new events: the feed may have been replaced by one with lower ids. */
  private void readNewEvents(long id) {
    FeedSlice slice = store.read(recent.last(), MAX_EVENTS);
    if (slice.isReplaced()) {
      EventId newest = slice.newest() == null ? EventId.BEGINNING : slice.newest();
      recent = new RecentEvents(MAX_RECENT_BYTES, newest, recent.generation() + 1);
      publish();
      onInterruption.run();
    } else if (slice.end().isAfter(slice.after())) {
      recent.add(slice);
      publish();
    }
    next(id, slice.hasMore() && !slice.isReplaced() ? this::readNewEvents : this::awaitEvents, 0);
  }

  private void publish() {
    revision.incrementAndGet();
    onNewEvents.run();
  }

  @FunctionalInterface
  private interface Step {
    void run(long id);
  }
}
