package org.agentlifecycle.bench;

import io.hyperfoil.api.session.Session;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntToLongFunction;
import org.HdrHistogram.Histogram;

/**
 * Counts and times the requests of one round. All methods but {@link #sample} run on the one thread
 * of the load generator.
 *
 * <p>A latency counts from the time at which the request was due, not from the time at which it was
 * sent: a generator that waits for a slow server then omits nothing.
 */
final class Meter {

  /** The load generator starts requests in ticks of 1 ms; a smaller delay is its rounding. */
  private static final long TICK_NANOS = 2_000_000;

  private final Histogram histogram = new Histogram(3);
  private final long[] starts;
  private final int[] statuses;
  private final IntToLongFunction due;
  private final long servicePid;
  private final long storePid;
  private int requests;
  private long successes;
  private final Map<Integer, Integer> failures = new TreeMap<>();
  private long firstStart;
  private long lastEnd;
  private CpuUse before;
  private CpuUse used;

  /**
   * @param sessions maximum number of concurrent requests
   * @param due returns when a request is due, in nanoseconds after the first one; a negative number
   *     if it has no schedule
   */
  Meter(int sessions, IntToLongFunction due, long servicePid, long storePid) {
    this.starts = new long[sessions];
    this.statuses = new int[sessions];
    this.due = due;
    this.servicePid = servicePid;
    this.storePid = storePid;
  }

  void started(Session session) {
    long now = System.nanoTime();
    if (requests == 0) {
      firstStart = now;
      before = CpuUse.now(servicePid, storePid);
    }
    long scheduled = due.applyAsLong(requests++);
    boolean late = scheduled >= 0 && now - firstStart > scheduled + TICK_NANOS;
    statuses[session.uniqueId()] = 0;
    starts[session.uniqueId()] = late ? firstStart + scheduled : now;
  }

  void responding(Session session, int status) {
    statuses[session.uniqueId()] = status;
  }

  void responded(Session session) {
    lastEnd = System.nanoTime();
    int status = statuses[session.uniqueId()];
    if (status / 100 == 2) {
      successes++;
      histogram.recordValue(lastEnd - starts[session.uniqueId()]);
    } else {
      failures.merge(status, 1, Integer::sum);
    }
  }

  void ended() {
    if (used == null) {
      used = CpuUse.now(servicePid, storePid).since(before);
    }
  }

  /**
   * Returns the result of a round that has ended.
   *
   * @param size number of calls in a request
   * @param callers number of callers in a closed loop, whose latencies are corrected by their mean
   *     interval; 0 if each request had a schedule
   */
  Sample sample(int size, int callers) {
    if (successes == 0) {
      throw new IllegalStateException("no successful response: " + failures);
    }
    double seconds = (lastEnd - firstStart) / 1e9;
    long interval = (long) (seconds * 1e9 * callers / successes);
    Histogram corrected =
        callers == 0 ? histogram : histogram.copyCorrectedForCoordinatedOmission(interval);
    return new Sample(successes * size, failures, seconds, used, corrected);
  }
}
