package org.agentlifecycle.bench;

import org.HdrHistogram.Histogram;

/**
 * Result of one round.
 *
 * @param calls number of successful calls
 * @param errors number of calls without a 2xx response
 * @param seconds time from the first request to the last response
 * @param serviceCpu CPU seconds of the server in that time, NaN if unknown
 * @param storeCpu CPU seconds of the store in that time, NaN if unknown
 * @param latency latencies in nanoseconds, corrected for coordinated omission
 */
record Sample(
    long calls,
    long errors,
    double seconds,
    double serviceCpu,
    double storeCpu,
    Histogram latency) {

  double rate() {
    return calls / seconds;
  }

  double serviceCpuPerThousand() {
    return serviceCpu * 1000 / calls;
  }

  double storeCpuPerThousand() {
    return storeCpu * 1000 / calls;
  }

  double percentileMillis(double percentile) {
    return latency.getValueAtPercentile(percentile) / 1e6;
  }
}
