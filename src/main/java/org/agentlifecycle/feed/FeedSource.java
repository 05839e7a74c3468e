package org.agentlifecycle.feed;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Resources that the followers of a server share: recent events, reads of the store, threads, time.
 */
final class FeedSource {

  /** Maximum number of slices that are read from the store at once. */
  private static final int MAX_CONCURRENT_READS = 3;

  private static final int MAX_SLICE_EVENTS = 1000;
  private static final long RETRY_DELAY_MS = 500;

  /**
   * Clients are promised a comment at least every 15 s. It comes more often, because proxies often
   * close a connection after 5 s of silence.
   */
  private static final Duration KEEP_ALIVE_INTERVAL = Duration.ofSeconds(2);

  /** Maximum time without progress in which a follower keeps a slice in memory. */
  private static final Duration KEEP_SLICE = Duration.ofSeconds(1);

  private final FeedStore store;
  private final Collection<Follower> followers;
  private final Executor drains;
  private final Executor reads;
  private final ScheduledExecutorService scheduler;
  private final LiveFeedReader reader;
  private final LongSupplier nanoTime;

  FeedSource(
      FeedStore store,
      Collection<Follower> followers,
      Executor executor,
      ScheduledExecutorService scheduler,
      LongSupplier nanoTime) {
    this.store = store;
    this.followers = followers;
    this.scheduler = scheduler;
    this.nanoTime = nanoTime;
    drains = new BoundedExecutor(executor, Math.max(2, Runtime.getRuntime().availableProcessors()));
    reads = new BoundedExecutor(executor, MAX_CONCURRENT_READS);
    reader =
        new LiveFeedReader(
            store,
            executor,
            scheduler,
            nanoTime,
            () -> !followers.isEmpty(),
            () -> followers.forEach(Follower::signal),
            () -> followers.forEach(Follower::interrupt));
  }

  LiveFeedReader reader() {
    return reader;
  }

  RecentEvents recent() {
    return reader.recent();
  }

  long revision() {
    return reader.revision();
  }

  /** Runs the loops of the followers on a few threads. */
  Executor executor() {
    return drains;
  }

  void remove(Follower follower) {
    followers.remove(follower);
  }

  /** Reads the slice after that position and hands it to the follower from another thread. */
  void read(Follower follower, EventId position) {
    reads.execute(() -> readNow(follower, position));
  }

  private void readNow(Follower follower, EventId position) {
    if (!followers.contains(follower)) {
      return;
    }
    try {
      follower.onReceived(store.read(position, MAX_SLICE_EVENTS));
    } catch (Throwable failure) { // otherwise the follower would wait for ever
      FeedFailures.log(Level.DEBUG, "read of a follower failed, the next signal retries", failure);
      retry(follower, position);
    }
  }

  private void retry(Follower follower, EventId position) {
    try {
      var unused =
          scheduler.schedule(() -> read(follower, position), RETRY_DELAY_MS, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException stopping) {
      follower.close();
    }
  }

  /** Returns the time in nanoseconds, for differences. */
  long now() {
    return nanoTime.getAsLong();
  }

  boolean isKeepAliveDue(long lastMessage) {
    return now() - lastMessage >= KEEP_ALIVE_INTERVAL.toNanos();
  }

  boolean isSlow(long lastProgress) {
    return now() - lastProgress >= KEEP_SLICE.toNanos();
  }
}
