package org.agentlifecycle.feed;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedExecutorService;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.enterprise.concurrent.ManagedThreadFactory;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.agentlifecycle.agent.LifecycleException;

/** The followers of one server. */
@ApplicationScoped
public class LiveFeed {

  /** Time without progress after which a follower is disconnected. */
  private static final Duration WRITE_TIMEOUT = Duration.ofSeconds(30);

  private static final Duration CHECK_INTERVAL = Duration.ofSeconds(1);

  @Resource private ManagedExecutorService executor;
  @Resource private ManagedScheduledExecutorService scheduler;
  @Resource private ManagedThreadFactory threads;

  private final FeedStore store;
  private final int maxFollowers;
  private final LongSupplier nanoTime;
  private final Set<Follower> followers = ConcurrentHashMap.newKeySet();
  private volatile boolean stopped;
  private volatile Follower watcher;
  private FeedSource source;
  private ScheduledFuture<?> check;
  private Thread shutdownHook;

  /** For the client proxy. */
  protected LiveFeed() {
    this(null, 0, null);
  }

  @Inject
  public LiveFeed(FeedStore store, FeedSettings settings) {
    this(store, settings.maxFollowers(), System::nanoTime);
  }

  LiveFeed(FeedStore store, int maxFollowers, LongSupplier nanoTime) {
    this.store = store;
    this.maxFollowers = maxFollowers;
    this.nanoTime = nanoTime;
  }

  @PostConstruct
  void start() {
    source = new FeedSource(store, followers, executor, scheduler, nanoTime);
    long interval = CHECK_INTERVAL.toMillis();
    check =
        scheduler.scheduleWithFixedDelay(
            this::checkFollowers, interval, interval, TimeUnit.MILLISECONDS);
    // Some servers wait half a minute for open streams before they stop the application.
    shutdownHook = threads.newThread(this::completeStreams);
    Runtime.getRuntime().addShutdownHook(shutdownHook);
  }

  /**
   * Adds a follower.
   *
   * @param after the id of the last event that the client has; null: the newest event
   * @return the follower, which sends nothing before its first {@link Follower#signal()}
   * @throws LifecycleException if there are too many followers, the server stops, or the store does
   *     not reply
   */
  public Follower follow(EventId after, FeedFilter filter, EventSink sink) {
    EventId newest = store.lastEventId();
    Follower follower =
        new Follower(source, filter, sink, after == null ? newest : after, after != null);
    add(follower);
    source.reader().start();
    return follower;
  }

  /** Returns the position of the newest event. */
  EventId lastEventId() {
    return store.lastEventId();
  }

  /**
   * Adds the one follower that this server uses itself. The limit does not count it.
   *
   * @param after the position after which the follower starts
   * @return the follower; null if the server stops
   */
  Follower watch(EventId after, EventSink sink) {
    Follower follower = new Follower(source, FeedFilter.ALL, sink, after, false);
    watcher = follower;
    followers.add(follower);
    if (stopped) {
      follower.close();
      return null;
    }
    source.reader().start();
    follower.signal();
    return follower;
  }

  /** Returns whether the server stops. */
  boolean isStopped() {
    return stopped;
  }

  /**
   * The order matters: otherwise two callers could exceed the limit, or a follower could remain
   * after the stop.
   */
  private void add(Follower follower) {
    followers.add(follower);
    if (stopped || followerCount() > maxFollowers) {
      followers.remove(follower);
      throw LifecycleException.tooManyFollowers(maxFollowers);
    }
  }

  /** Returns the age of the last step of the reader; zero while there are no followers. */
  Duration timeSinceLastStep() {
    return source == null ? Duration.ZERO : source.reader().timeSinceLastStep();
  }

  /** Returns the number of streams. */
  int followerCount() {
    Follower own = watcher;
    return followers.size() - (own != null && followers.contains(own) ? 1 : 0);
  }

  /** Must not throw: a periodic task that throws does not run again. */
  void checkFollowers() {
    try {
      source.reader().restartIfStuck();
      followers.forEach(this::check);
    } catch (Throwable failure) {
      FeedFailures.log("keep-alive check of the followers failed", failure);
    }
  }

  private void check(Follower follower) {
    if (nanoTime.getAsLong() - follower.lastProgress() > WRITE_TIMEOUT.toNanos()) {
      follower.close();
    } else {
      follower.sendKeepAliveIfDue();
    }
  }

  @PreDestroy
  void stop() {
    check.cancel(false);
    completeStreams();
    try {
      Runtime.getRuntime().removeShutdownHook(shutdownHook);
    } catch (IllegalStateException exiting) {
      // The hook runs or has run.
    }
  }

  /** Ends every stream with a last comment and rejects new ones: clients reconnect elsewhere. */
  private void completeStreams() {
    stopped = true;
    followers.forEach(Follower::complete);
  }
}
