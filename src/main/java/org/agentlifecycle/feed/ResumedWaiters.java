package org.agentlifecycle.feed;

import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.function.LongSupplier;

/**
 * Resumes the requests whose wait has ended, a few at a time. Otherwise one event could occupy all
 * threads of the server.
 */
final class ResumedWaiters {

  /** Maximum number of resumed requests in progress: half of the threads of Open Liberty. */
  static final int MAX_RUNNING = 32;

  /** Time after which a resumed request is regarded as lost; each response takes 2 s at most. */
  private static final Duration LOST = Duration.ofSeconds(10);

  private final LongSupplier nanoTime;
  private final Queue<Waiter> ready = new ConcurrentLinkedQueue<>();
  private final Semaphore permits = new Semaphore(MAX_RUNNING);

  /** The requests in progress, each with a permit and the time of its start. */
  private final Map<Waiter, Long> running = new ConcurrentHashMap<>();

  ResumedWaiters(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** Resumes the request now or later. A server that stops does not let it wait. */
  void add(Waiter waiter) {
    if (waiter.end() == Waiter.End.STOPPING) {
      run(waiter);
    } else {
      ready.add(waiter);
      drain();
    }
  }

  /** Runs after each added waiter and after each released permit, so that no waiter remains. */
  private void drain() {
    while (!ready.isEmpty() && permits.tryAcquire()) {
      Waiter next = ready.poll();
      if (next == null || !start(next)) {
        permits.release();
      }
    }
  }

  /** Returns whether the permit is in use, or has been released by {@link #completed}. */
  private boolean start(Waiter waiter) {
    running.put(waiter, nanoTime.getAsLong());
    return run(waiter) || running.remove(waiter) == null;
  }

  private static boolean run(Waiter waiter) {
    try {
      waiter.runAction();
      return true;
    } catch (RuntimeException disconnected) {
      FeedFailures.log(
          System.Logger.Level.DEBUG, "a waiting request could not be resumed", disconnected);
      return false;
    }
  }

  /** Releases the permit of the request, if it has one. */
  void completed(Waiter waiter) {
    if (running.remove(waiter) != null) {
      permits.release();
      drain();
    }
  }

  boolean isBusy() {
    return !running.isEmpty() || !ready.isEmpty();
  }

  /** Releases the permits of requests that the server has dropped without notice. */
  void dropLost() {
    long now = nanoTime.getAsLong();
    running.forEach(
        (waiter, since) -> {
          if (now - since > LOST.toNanos()) {
            completed(waiter);
          }
        });
  }
}
