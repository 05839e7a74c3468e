package org.agentlifecycle.agent;

import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * One fair lock an agent, kept while anyone holds or awaits it. It orders this server's callers
 * first come, first served, and spares the store calls that would lose; between servers the store
 * decides.
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
   * Runs the body while nobody else on this server works on that agent.
   *
   * @throws LifecycleException with {@link LifecycleException.Reason#BUSY}: the body was not run
   */
  <T> T withLock(String agentId, Supplier<T> body) {
    CountedLock counted = locks.compute(agentId, (id, there) -> CountedLock.retain(there));
    try {
      if (!await(counted.lock)) {
        throw LifecycleException.busy(agentId);
      }
      try {
        return body.get();
      } finally {
        counted.lock.unlock();
      }
    } finally {
      locks.compute(agentId, (id, there) -> there.release());
    }
  }

  private boolean await(ReentrantLock lock) {
    try {
      // Even without timeout a free lock is taken, but never past those who wait.
      return lock.tryLock(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** How many agents are held or awaited now. */
  int size() {
    return locks.size();
  }

  /** A lock and how many hold or await it. The count changes inside the map's compute alone. */
  private static final class CountedLock {
    private final ReentrantLock lock = new ReentrantLock(true);
    private int users;

    static CountedLock retain(CountedLock there) {
      CountedLock counted = there == null ? new CountedLock() : there;
      counted.users++;
      return counted;
    }

    CountedLock release() {
      return --users == 0 ? null : this;
    }
  }
}
