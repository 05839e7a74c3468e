package org.agentlifecycle.feed;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedExecutorService;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.enterprise.concurrent.ManagedThreadFactory;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.agentlifecycle.agent.LifecycleException;

/**
 * The followers of one server. It reads the feed once for all of them, and for one alone only what
 * lies further back.
 */
@ApplicationScoped
public class LiveFeed {
  private static final Logger LOG = System.getLogger(LiveFeed.class.getName());

  /** How long a stream may be silent; clients are promised a sign of life every 15 s. */
  private static final Duration SILENCE = Duration.ofSeconds(10);

  /** How long a follower may take nothing before it is dropped. */
  private static final Duration STALLED = Duration.ofSeconds(30);

  private static final Duration CARE_EVERY = Duration.ofSeconds(2);

  @Resource private ManagedExecutorService executor;
  @Resource private ManagedScheduledExecutorService scheduler;
  @Resource private ManagedThreadFactory threads;

  private final FeedStore store;
  private final int maxFollowers;
  private final Set<Follower> followers = ConcurrentHashMap.newKeySet();
  private volatile boolean ended;
  private FeedReader reader;
  private CatchUp catchUp;
  private ScheduledFuture<?> care;
  private Thread atExit;

  /** For the client proxy. */
  protected LiveFeed() {
    store = null;
    maxFollowers = 0;
  }

  @Inject
  public LiveFeed(FeedStore store, FeedSettings settings) {
    this.store = store;
    this.maxFollowers = settings.maxFollowers();
  }

  @PostConstruct
  void start() {
    reader =
        new FeedReader(
            store,
            executor,
            scheduler,
            () -> !followers.isEmpty(),
            () -> followers.forEach(Follower::pump));
    catchUp = new CatchUp(store, () -> recent().base(), executor, scheduler);
    care =
        scheduler.scheduleWithFixedDelay(
            this::care, CARE_EVERY.toMillis(), CARE_EVERY.toMillis(), TimeUnit.MILLISECONDS);
    // Some servers wait half a minute for open streams before they tell the application of the end.
    atExit = threads.newThread(this::endStreams);
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /**
   * Lets somebody follow.
   *
   * @param after the id of the last event it has; null: it starts now
   * @return the follower, which writes nothing before its first {@link Follower#pump()}
   * @throws LifecycleException where there are too many, this server is about to stop, or the store
   *     cannot say where the feed is
   */
  public Follower follow(EventId after, FeedFilter filter, Outlet outlet) {
    FeedSlice first = after == null ? null : store.read(after, 1);
    Follower follower = new Follower(this, filter, outlet, after == null ? store.newest() : after);
    if (first != null && first.gap() != null) {
      follower.missed(first);
    }
    join(follower);
    reader.start();
    return follower;
  }

  /** In this order, so that neither two at once pass the limit nor one stays behind a stop. */
  private void join(Follower follower) {
    followers.add(follower);
    if (ended || followers.size() > maxFollowers) {
      followers.remove(follower);
      throw LifecycleException.tooManyFollowers(maxFollowers);
    }
  }

  RecentEvents recent() {
    return reader.recent();
  }

  void fetch(Follower follower, EventId after) {
    catchUp.read(follower, after);
  }

  void left(Follower follower) {
    followers.remove(follower);
  }

  private void care() {
    for (Follower follower : followers) {
      try {
        care(follower);
      } catch (RuntimeException failure) {
        // A task that throws is never run again.
        LOG.log(Level.WARNING, "a follower could not be cared for", failure);
      }
    }
  }

  private static void care(Follower follower) {
    long idle = follower.idleNanos();
    if (idle > STALLED.toNanos()) {
      follower.close();
    } else if (idle > SILENCE.toNanos()) {
      follower.sayAlive();
    }
  }

  @PreDestroy
  void end() {
    care.cancel(false);
    endStreams();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException exiting) {
      // It runs, or has run.
    }
  }

  /** Ends every stream with a last comment, and takes no new one: clients come back elsewhere. */
  private void endStreams() {
    ended = true;
    followers.forEach(follower -> follower.end("this server stops; come back with your last id"));
  }
}
