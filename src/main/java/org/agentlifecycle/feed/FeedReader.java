package org.agentlifecycle.feed;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * Reads the feed as it grows, once for all followers of a server, for as long as there are any.
 * Whatever happens to the store, it goes on from where it was.
 */
final class FeedReader {
  private static final Logger LOG = System.getLogger(FeedReader.class.getName());

  /** How many events are at hand for followers: seconds of a busy feed, a few megabytes. */
  private static final int RECENT = 10_000;

  private static final int PAGE = 1000;

  /**
   * How long one wait for news lasts; a connection that says nothing for longer is taken for dead.
   */
  private static final Duration WAIT = Duration.ofSeconds(2);

  /** How long news is gathered, so that events that come close together share one call. */
  private static final long GATHER_MS = 5;

  private static final long AFTER_FAILURE_MS = 250;

  private final FeedStore store;
  private final Executor executor;
  private final ScheduledExecutorService scheduler;
  private final BooleanSupplier wanted;
  private final Runnable news;
  private final AtomicBoolean running = new AtomicBoolean();
  private volatile RecentEvents recent = new RecentEvents(RECENT, EventId.BEGINNING);

  // From here on, only for the step that runs.
  private boolean fresh;
  private boolean failing;

  /**
   * @param executor waits for news; the scheduler must not, since it may have one thread for all
   * @param wanted whether anybody follows
   * @param news called when there are more recent events
   */
  FeedReader(
      FeedStore store,
      Executor executor,
      ScheduledExecutorService scheduler,
      BooleanSupplier wanted,
      Runnable news) {
    this.store = store;
    this.executor = executor;
    this.scheduler = scheduler;
    this.wanted = wanted;
    this.news = news;
  }

  /** The events that followers need not ask the store for. */
  RecentEvents recent() {
    return recent;
  }

  /** Sees to it that the feed is read. */
  void start() {
    if (running.compareAndSet(false, true)) {
      fresh = true;
      next(this::awaitNews, 0);
    }
  }

  private void awaitNews() {
    if (fresh) {
      // What came while nobody followed is of no use to those who do now.
      recent = new RecentEvents(RECENT, store.newest());
      fresh = false;
      news.run();
    }
    boolean there = store.await(recent.last(), WAIT);
    next(there ? this::readNews : this::awaitNews, there ? GATHER_MS : 0);
  }

  private void readNews() {
    FeedSlice slice;
    do {
      slice = store.read(recent.last(), PAGE);
      if (slice.gap() != null) {
        // Followers find that the recent events do not reach back to them, and are told by the
        // store.
        recent = new RecentEvents(RECENT, slice.oldest().before());
      }
      recent.add(slice.events());
    } while (slice.events().size() == PAGE);
    news.run();
    next(this::awaitNews, 0);
  }

  private void next(Runnable step, long delayMs) {
    try {
      if (delayMs == 0) {
        executor.execute(() -> run(step));
      } else {
        var unused = scheduler.schedule(() -> next(step, 0), delayMs, TimeUnit.MILLISECONDS);
      }
    } catch (RejectedExecutionException stopping) {
      running.set(false);
    }
  }

  private void run(Runnable step) {
    if (!wanted.getAsBoolean()) {
      running.set(false);
      if (wanted.getAsBoolean()) {
        start();
      }
      return;
    }
    try {
      step.run();
      failing = false;
    } catch (RuntimeException failure) {
      LOG.log(failing ? Level.DEBUG : Level.WARNING, "the feed cannot be read now", failure);
      failing = true;
      next(this::awaitNews, AFTER_FAILURE_MS);
    }
  }
}
