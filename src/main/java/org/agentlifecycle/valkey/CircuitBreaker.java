package org.agentlifecycle.valkey;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Circuit breaker for the store. It opens when two connections in succession receive no reply in
 * time, because a single timeout may be the fault of its connection. While it is open, calls are
 * rejected immediately. One probe at a time is allowed; its reply closes the circuit.
 */
final class CircuitBreaker {

  /** Time without probes after a timeout. */
  private static final Duration OPEN_DURATION = Duration.ofMillis(300);

  /** Number of timeouts without a reply between them that opens the circuit. */
  private static final int THRESHOLD = 2;

  /** Value of {@link #nextProbe} while the circuit is closed. */
  private static final long CLOSED = 0;

  private final long probeNanos;
  private final AtomicInteger timeouts = new AtomicInteger();

  /** The {@link System#nanoTime()} from which the next probe is allowed. */
  private final AtomicLong nextProbe = new AtomicLong(CLOSED);

  /**
   * @param probeTime time after which a probe without a result is replaced by the next probe
   */
  CircuitBreaker(Duration probeTime) {
    this.probeNanos = probeTime.toNanos();
  }

  /** Returns whether a call may be made now. Its caller must record the result. */
  boolean allowsCall() {
    long next = nextProbe.get();
    return next == CLOSED
        || (System.nanoTime() - next >= 0 && nextProbe.compareAndSet(next, after(probeNanos)));
  }

  boolean isOpen() {
    return nextProbe.get() != CLOSED;
  }

  /** Returns whether the last result was a timeout. Only a new connection is trusted then. */
  boolean isSuspicious() {
    return timeouts.get() > 0;
  }

  /** Records that a connection received no reply in time. */
  void recordTimeout() {
    if (timeouts.incrementAndGet() >= THRESHOLD) {
      nextProbe.set(after(OPEN_DURATION.toNanos()));
    }
  }

  /** Records a reply, or a connection that was refused or closed: no caller waits for these. */
  void recordReply() {
    if (isSuspicious()) { // avoids writes by the many callers of a healthy store
      timeouts.set(0);
      nextProbe.set(CLOSED);
    }
  }

  private static long after(long nanos) {
    long time = System.nanoTime() + nanos;
    return time == CLOSED ? time + 1 : time;
  }
}
