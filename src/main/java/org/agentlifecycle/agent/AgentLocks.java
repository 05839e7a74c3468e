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
  private final ConcurrentHashMap<String, Counted> locks = new ConcurrentHashMap<>();
  private final Duration patience;

  /**
   * @param patience how long a caller waits for a lock
   */
  AgentLocks(Duration patience) {
    this.patience = patience;
  }

  /**
   * Runs the body while nobody else on this server works on that agent.
   *
   * @throws LifecycleException with {@link LifecycleException.Reason#BUSY}: the body was not run
   */
  <T> T holding(String agentId, Supplier<T> body) {
    Counted counted = locks.compute(agentId, (id, there) -> Counted.join(there));
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
      locks.compute(agentId, (id, there) -> there.leave());
    }
  }

  private boolean await(ReentrantLock lock) {
    try {
      // Even without patience a free lock is taken, but never past those who wait.
      return lock.tryLock(patience.toNanos(), TimeUnit.NANOSECONDS);
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
  private static final class Counted {
    private final ReentrantLock lock = new ReentrantLock(true);
    private int users;

    static Counted join(Counted there) {
      Counted counted = there == null ? new Counted() : there;
      counted.users++;
      return counted;
    }

    Counted leave() {
      return --users == 0 ? null : this;
    }
  }
}
