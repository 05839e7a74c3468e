package org.agentlifecycle.valkey;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What is known of a store that does not answer. After a call timed out the others are refused at
 * once instead of queueing up behind it, but for one at a time that tries whether it answers again.
 */
final class Stall {
  /** How long nobody tries after a timeout. */
  private static final Duration PAUSE = Duration.ofMillis(300);

  /** The store answers; no time is this one. */
  private static final long NONE = 0;

  private final long trialNanos;

  /** The {@link System#nanoTime()} from which on the next one may try. */
  private final AtomicLong nextTrial = new AtomicLong(NONE);

  /**
   * @param trial how long one that tries may take before another one does
   */
  Stall(Duration trial) {
    this.trialNanos = trial.toNanos();
  }

  /** Whether a call may go to the store now. One that may must tell what came of it. */
  boolean admits() {
    long next = nextTrial.get();
    return next == NONE
        || (System.nanoTime() - next >= 0 && nextTrial.compareAndSet(next, in(trialNanos)));
  }

  boolean lasts() {
    return nextTrial.get() != NONE;
  }

  /** A call got no answer in time. */
  void timedOut() {
    nextTrial.set(in(PAUSE.toNanos()));
  }

  /** The store answered, or is gone and says so at once: nobody would queue up. */
  void over() {
    if (lasts()) { // a store that answers is asked often: no write then
      nextTrial.set(NONE);
    }
  }

  private static long in(long nanos) {
    long time = System.nanoTime() + nanos;
    return time == NONE ? time + 1 : time;
  }
}
