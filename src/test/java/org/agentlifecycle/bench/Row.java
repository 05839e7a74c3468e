package org.agentlifecycle.bench;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
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

  /** Returns the highest use of cores by other processes in a round. */
  double otherCores() {
    return Stream.concat(rounds.stream(), Stream.of(constantRate))
        .mapToDouble(Sample::otherCores)
        .max()
        .orElseThrow();
  }

  /** Returns the number of failed requests of all rounds by status. */
  Map<Integer, Integer> failures() {
    Map<Integer, Integer> all = new TreeMap<>(constantRate.failures());
    rounds.forEach(
        round ->
            round.failures().forEach((status, count) -> all.merge(status, count, Integer::sum)));
    return all;
  }

  /** Returns the part of the calls that failed. */
  double failedPart() {
    double failed = failures().values().stream().mapToInt(Integer::intValue).sum();
    return failed / (failed + rounds.stream().mapToLong(Sample::calls).sum());
  }
}
