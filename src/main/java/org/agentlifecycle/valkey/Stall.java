package org.agentlifecycle.valkey;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What is known of a store that does not answer. After a call timed out the others are refused at
 * once instead of queueing up behind it, but for one at a time that tries whether it answers again.
 */
final class Stall {
  /** How long nobody tries after a timeout. */
  private static final Duration PAUSE = Duration.ofMillis(300);

  private final long trialNanos;

  /** The {@link System#nanoTime()} at which the next one may try; null while the store answers. */
  private final AtomicReference<Long> nextTrial = new AtomicReference<>();

  /**
   * @param trial how long one that tries may take before another one does
   */
  Stall(Duration trial) {
    this.trialNanos = trial.toNanos();
  }

  /** Whether a call may go to the store now. One that may must tell what came of it. */
  boolean admits() {
    Long next = nextTrial.get();
    if (next == null) {
      return true;
    }
    long now = System.nanoTime();
    return now - next >= 0 && nextTrial.compareAndSet(next, now + trialNanos);
  }

  boolean lasts() {
    return nextTrial.get() != null;
  }

  /** A call got no answer in time. */
  void timedOut() {
    nextTrial.set(System.nanoTime() + PAUSE.toNanos());
  }

  /** The store answered, or is gone and says so at once: nobody would queue up. */
  void over() {
    if (nextTrial.get() != null) {
      nextTrial.set(null);
    }
  }
}
