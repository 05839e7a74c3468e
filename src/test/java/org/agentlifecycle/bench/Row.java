package org.agentlifecycle.bench;

import java.util.List;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/**
 * Result of a phase: medians of its counted rounds.
 *
 * @param rounds counted rounds in a closed loop
 * @param constantRate a round at {@link Group#SHARE} of the rate of the closed loop
 */
record Row(Phase phase, List<Sample> rounds, Sample constantRate) {

  String name() {
    return phase.name();
  }

  double median(ToDoubleFunction<Sample> value) {
    double[] sorted = rounds.stream().mapToDouble(value).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  double rate() {
    return median(Sample::rate);
  }

  /** Returns a percentile of the latencies of all counted rounds. */
  double percentileMillis(double percentile) {
    Histogram all = new Histogram(3);
    rounds.forEach(round -> all.add(round.latency()));
    return all.getValueAtPercentile(percentile) / 1e6;
  }

  long errors() {
    return rounds.stream().mapToLong(Sample::errors).sum() + constantRate.errors();
  }
}
