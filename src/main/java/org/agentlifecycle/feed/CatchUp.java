package org.agentlifecycle.feed;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Reads the past for followers, a few at a time: a thousand of them that come back at once must not
 * take the store's connections away from everybody else.
 */
final class CatchUp {
  private static final Logger LOG = System.getLogger(CatchUp.class.getName());

  /** How many pages are read at once. */
  private static final int READERS = 3;

  /** How many events a follower is given at a time. */
  private static final int PAGE = 500;

  /** How long a follower waits where the store did not answer. */
  private static final long AGAIN_MS = 500;

  private final FeedStore store;
  private final Supplier<EventId> recentBase;
  private final Executor executor;
  private final ScheduledExecutorService scheduler;
  private final Queue<Wish> wishes = new ConcurrentLinkedQueue<>();
  private final AtomicInteger readers = new AtomicInteger();

  private record Wish(Follower follower, EventId after) {}

  /**
   * @param recentBase the place after which the recent events begin
   */
  CatchUp(
      FeedStore store,
      Supplier<EventId> recentBase,
      Executor executor,
      ScheduledExecutorService scheduler) {
    this.store = store;
    this.recentBase = recentBase;
    this.executor = executor;
    this.scheduler = scheduler;
  }

  /** Reads what follows that place, and hands it to the follower from another thread. */
  void read(Follower follower, EventId after) {
    wishes.add(new Wish(follower, after));
    work();
  }

  private void work() {
    if (readers.incrementAndGet() <= READERS) {
      executor.execute(this::serve);
    } else {
      readers.decrementAndGet();
    }
  }

  private void serve() {
    try {
      for (Wish wish = wishes.poll(); wish != null; wish = wishes.poll()) {
        grant(wish);
      }
    } finally {
      readers.decrementAndGet();
    }
    if (!wishes.isEmpty()) {
      work();
    }
  }

  private void grant(Wish wish) {
    try {
      EventId base = recentBase.get();
      wish.follower().take(store.read(wish.after(), PAGE), base);
    } catch (RuntimeException failure) {
      LOG.log(Level.DEBUG, "a follower waits for the store", failure);
      var unused =
          scheduler.schedule(
              () -> read(wish.follower(), wish.after()), AGAIN_MS, TimeUnit.MILLISECONDS);
    }
  }
}
