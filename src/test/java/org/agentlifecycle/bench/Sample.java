package org.agentlifecycle.bench;

import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * Result of one round.
 *
 * @param calls number of successful calls
 * @param failures number of other responses by status; 0 if a request had no response
 * @param seconds time from the first request to the last response
 * @param cpu CPU time in that time
 * @param latency latencies in nanoseconds, corrected for coordinated omission
 */
record Sample(
    long calls, Map<Integer, Integer> failures, double seconds, CpuUse cpu, Histogram latency) {

  double rate() {
    return calls / seconds;
  }

  double serviceCpuPerThousand() {
    return cpu.service() * 1000 / calls;
  }

  double storeCpuPerThousand() {
    return cpu.store() * 1000 / calls;
  }

  /** Returns how many cores processes used that do not belong to the benchmark. */
  double otherCores() {
    return cpu.others() / seconds;
  }

  double percentileMillis(double percentile) {
    return latency.getValueAtPercentile(percentile) / 1e6;
  }
}
