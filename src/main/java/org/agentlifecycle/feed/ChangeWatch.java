package org.agentlifecycle.feed;

import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.LifecycleException;

/**
 * The requests of one server that wait for a change of an agent. One follower of the feed ends
 * their wait, and one periodic task ends those whose time is over. A waiting request holds no
 * thread.
 */
@ApplicationScoped
public class ChangeWatch {
  private static final Duration TICK = Duration.ofMillis(200);

  /** Time without waiters after which the follower ends. */
  private static final Duration IDLE = Duration.ofMinutes(1);

  /** Types of events that do not change the entity tag. */
  private static final Set<String> WITHOUT_CHANGE =
      Stream.of(AgentEvent.Type.WAITING, AgentEvent.Type.RESUMED, AgentEvent.Type.DESIRED)
          .map(AgentEvent.Type::wireName)
          .collect(Collectors.toUnmodifiableSet());

  @Resource private ManagedScheduledExecutorService scheduler;

  private final LiveFeed feed;
  private final int maxWaiting;
  private final LongSupplier nanoTime;
  private final AtomicInteger count = new AtomicInteger();
  private final AtomicLong numbers = new AtomicLong();
  private final Set<Waiter> byDeadline = new ConcurrentSkipListSet<>(Waiter::byDeadline);
  private final Map<String, Set<Waiter>> byAgent = new ConcurrentHashMap<>();
  private final AtomicReference<Subscription> subscription = new AtomicReference<>();
  private final ResumedWaiters resumed;

  /** For the client proxy. */
  protected ChangeWatch() {
    this(null, 0, null);
  }

  @Inject
  public ChangeWatch(LiveFeed feed, WaitSettings settings) {
    this(feed, settings.maxWaiting(), System::nanoTime);
  }

  ChangeWatch(LiveFeed feed, int maxWaiting, LongSupplier nanoTime) {
    this.feed = feed;
    this.maxWaiting = maxWaiting;
    this.nanoTime = nanoTime;
    resumed = new ResumedWaiters(nanoTime);
  }

  /**
   * Adds a waiter. It ends with each change of the agent that is committed after this call; the
   * caller must read the agent afterwards.
   *
   * @param time the maximum time to wait
   * @return the waiter; empty if there are too many waiters or the server stops
   * @throws LifecycleException if the store does not reply
   */
  public Optional<Waiter> register(String agentId, Duration time) {
    if (count.incrementAndGet() > maxWaiting) {
      count.decrementAndGet();
      return Optional.empty();
    }
    long deadline = nanoTime.getAsLong() + time.toNanos();
    Waiter waiter = new Waiter(this, agentId, deadline, numbers.incrementAndGet());
    add(waiter);
    try {
      if (follow()) {
        return Optional.of(waiter);
      }
    } catch (RuntimeException failure) {
      waiter.close();
      throw failure;
    }
    waiter.close();
    return Optional.empty();
  }

  private void add(Waiter waiter) {
    byDeadline.add(waiter);
    byAgent.compute(
        waiter.agentId(),
        (id, waiters) -> {
          Set<Waiter> all = waiters == null ? new HashSet<>(2) : waiters;
          all.add(waiter);
          return all;
        });
    if (waiter.end() != null) { // it ended before it was in both
      unlink(waiter);
    }
  }

  /** Called once for each waiter, when it ends. */
  void remove(Waiter waiter) {
    count.decrementAndGet();
    unlink(waiter);
  }

  private void unlink(Waiter waiter) {
    byDeadline.remove(waiter);
    byAgent.computeIfPresent(
        waiter.agentId(),
        (id, waiters) -> {
          waiters.remove(waiter);
          return waiters.isEmpty() ? null : waiters;
        });
  }

  /**
   * Starts the follower unless there is one. A concurrent caller may start it at a later position,
   * but before this method returns, so that the caller reads the agent after that position.
   *
   * @return false if the server stops
   */
  private boolean follow() {
    if (subscription.get() == null) {
      Subscription started = new Subscription();
      EventId newest = feed.lastEventId();
      if (subscription.compareAndSet(null, started)) {
        started.start(newest);
      }
    }
    return !feed.isStopped();
  }

  void resume(Waiter waiter) {
    resumed.add(waiter);
  }

  void completed(Waiter waiter) {
    resumed.completed(waiter);
  }

  private void wake(FeedEvent event) {
    if (event.agentId() != null && !WITHOUT_CHANGE.contains(event.type())) {
      Set<Waiter> waiters = byAgent.remove(event.agentId());
      if (waiters != null) {
        waiters.forEach(waiter -> waiter.end(Waiter.End.CHANGED));
      }
    }
  }

  private void endAll(Waiter.End reason) {
    byDeadline.forEach(waiter -> waiter.end(reason));
  }

  /** Returns the number of waiters. */
  int waiting() {
    return count.get();
  }

  /** The follower of the feed and the periodic task, while there are waiters. */
  private final class Subscription implements EventSink {
    private final AtomicReference<Follower> follower = new AtomicReference<>();
    private final AtomicReference<ScheduledFuture<?>> task = new AtomicReference<>();
    private long lastUse = nanoTime.getAsLong();

    void start(EventId position) {
      long tick = TICK.toMillis();
      try {
        task.set(scheduler.scheduleWithFixedDelay(this::tick, tick, tick, TimeUnit.MILLISECONDS));
        follower.set(feed.watch(position, this));
      } catch (RuntimeException failure) {
        end(Waiter.End.OVER);
        throw failure;
      }
      if (subscription.get() != this) { // it ended meanwhile
        release();
      }
    }

    /** Must not throw: a periodic task that throws does not run again. */
    private void tick() {
      try {
        long now = nanoTime.getAsLong();
        endDueWaiters(now);
        resumed.dropLost();
        if (count.get() > 0 || resumed.isBusy()) {
          lastUse = now;
        } else if (now - lastUse > IDLE.toNanos()) {
          end(Waiter.End.CHANGED); // a concurrent caller registers again
        }
      } catch (Throwable failure) {
        FeedFailures.log("the check of waiting requests failed", failure);
      }
    }

    private void endDueWaiters(long now) {
      for (Waiter waiter : byDeadline) {
        if (!waiter.isDue(now)) {
          return;
        }
        waiter.end(Waiter.End.OVER);
      }
    }

    /** First the reference, then the waiters: a waiter that is added later sees no follower. */
    private void end(Waiter.End reason) {
      if (subscription.compareAndSet(this, null)) {
        release();
        endAll(reason);
      }
    }

    private void release() {
      ScheduledFuture<?> periodic = task.getAndSet(null);
      if (periodic != null) {
        periodic.cancel(false);
      }
      Follower following = follower.getAndSet(null);
      if (following != null) {
        following.close();
      }
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void sendEvent(FeedEvent event) {
      wake(event);
    }

    @Override
    public void sendGap(Gap gap) {
      endAll(Waiter.End.OVER);
    }

    @Override
    public void interrupted() {
      endAll(Waiter.End.OVER);
    }

    @Override
    public void sendPosition(EventId position) {
      // no client needs it
    }

    @Override
    public void sendKeepAlive(EventId position) {
      // no connection has to be kept
    }

    @Override
    public void sendComment(String text) {
      // no client reads it
    }

    @Override
    public void flush() {
      // nothing is buffered
    }

    @Override
    public void close() {
      end(feed.isStopped() ? Waiter.End.STOPPING : Waiter.End.OVER);
    }
  }
}
