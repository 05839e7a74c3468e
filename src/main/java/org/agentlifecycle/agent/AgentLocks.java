package org.agentlifecycle.agent;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * One fair lock for each agent. A lock exists while a caller holds it or waits for it.
 *
 * <p>The locks are an optimization: they order the callers of this server and save the store calls
 * that would be rejected. Between servers, the store decides.
 */
final class AgentLocks {
  private final ConcurrentHashMap<String, CountedLock> locks = new ConcurrentHashMap<>();
  private final Duration timeout;

  /**
   * @param timeout how long a caller waits for a lock
   */
  AgentLocks(Duration timeout) {
    this.timeout = timeout;
  }

  /**
   * Runs an action with the lock of an agent.
   *
   * @throws LifecycleException with {@link LifecycleException.Reason#BUSY} after the timeout; the
   *     action did not run
   */
  <T> T withLock(String agentId, Supplier<T> action) {
    CountedLock counted = retain(agentId);
    try {
      if (!await(counted.lock, timeout.toNanos())) {
        throw LifecycleException.busy(agentId);
      }
      try {
        return action.get();
      } finally {
        counted.lock.unlock();
      }
    } finally {
      release(agentId);
    }
  }

  /**
   * Runs an action with the locks of several agents. The locks are acquired in the order of the
   * ids, so that two callers never wait for each other.
   *
   * @param timeout how long the caller waits for all locks together
   * @param action receives the agents whose lock was not acquired
   */
  <T> T withLocks(SortedSet<String> agentIds, Duration timeout, Function<Set<String>, T> action) {
    long deadline = System.nanoTime() + timeout.toNanos();
    Map<String, CountedLock> held = new HashMap<>();
    Set<String> busy = new HashSet<>();
    try {
      for (String agentId : agentIds) {
        CountedLock counted = retain(agentId);
        if (await(counted.lock, deadline - System.nanoTime())) {
          held.put(agentId, counted);
        } else {
          release(agentId);
          busy.add(agentId);
        }
      }
      return action.apply(busy);
    } finally {
      held.forEach(
          (agentId, counted) -> {
            counted.lock.unlock();
            release(agentId);
          });
    }
  }

  private CountedLock retain(String agentId) {
    return locks.compute(agentId, (id, present) -> CountedLock.retain(present));
  }

  private void release(String agentId) {
    locks.compute(agentId, (id, present) -> present.release());
  }

  private static boolean await(ReentrantLock lock, long nanos) {
    try {
      // With a timeout of zero a free lock is taken, but not before callers that wait for it.
      return lock.tryLock(nanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Returns the number of agents whose lock is held or awaited. */
  int size() {
    return locks.size();
  }

  /** A lock with its number of users, which changes only inside {@code compute} of the map. */
  private static final class CountedLock {
    private final ReentrantLock lock = new ReentrantLock(true);
    private int users;

    static CountedLock retain(CountedLock present) {
      CountedLock counted = present == null ? new CountedLock() : present;
      counted.users++;
      return counted;
    }

    /** Returns null after the last user, so that the map removes the lock. */
    CountedLock release() {
      return --users == 0 ? null : this;
    }
  }
}
