package org.agentlifecycle.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Phases that are measured in turn, so that a change of the machine's speed affects all of them
 * alike. One turn is a cycle.
 */
final class Group {

  /** The share of the highest rate at which latencies are measured with a constant rate. */
  static final double SHARE = 0.5;

  /** A cycle that is less than this faster than the best of the previous two has not risen. */
  private static final double RISE = 1.03;

  private static final int MIN_CYCLES = 5;

  private final String name;
  private final LoadGenerator load;
  private final Duration round;
  private final Runnable beforeCycle;
  private final List<Phase> phases;

  /**
   * @param round duration of one round of a phase
   * @param beforeCycle prepares the store
   */
  Group(String name, LoadGenerator load, Duration round, Runnable beforeCycle, List<Phase> phases) {
    this.name = name;
    this.load = load;
    this.round = round;
    this.beforeCycle = beforeCycle;
    this.phases = phases;
  }

  /** Repeats the cycle until its rates have stopped to rise, and then for the counted rounds. */
  List<Row> measure(Duration maxWarmUp, int counted) {
    warmUp(maxWarmUp);
    List<List<Sample>> cycles = new ArrayList<>();
    for (int cycle = 0; cycle < counted; cycle++) {
      cycles.add(cycle());
    }
    constantRate(cycles); // warms up the load generator
    List<Sample> constantRate = constantRate(cycles);
    List<Row> rows = new ArrayList<>();
    for (int phase = 0; phase < phases.size(); phase++) {
      int index = phase;
      List<Sample> rounds = cycles.stream().map(cycle -> cycle.get(index)).toList();
      rows.add(new Row(phases.get(phase), rounds, constantRate.get(phase)));
    }
    return rows;
  }

  private void warmUp(Duration max) {
    long start = System.nanoTime();
    List<Double> speeds = new ArrayList<>();
    do {
      speeds.add(speed(cycle()));
      System.out.printf(
          "%s: warm-up %d, %.0f calls/s (geometric mean)%n", name, speeds.size(), last(speeds, 1));
    } while (isRising(speeds) && System.nanoTime() - start < max.toNanos());
    System.out.printf(
        "%s: warmed up for %.0f s%s%n",
        name, (System.nanoTime() - start) / 1e9, isRising(speeds) ? ", still rising" : "");
  }

  private static boolean isRising(List<Double> speeds) {
    return speeds.size() < 3 || last(speeds, 1) > RISE * Math.max(last(speeds, 2), last(speeds, 3));
  }

  private static double last(List<Double> values, int fromEnd) {
    return values.get(values.size() - fromEnd);
  }

  private static double speed(List<Sample> cycle) {
    return Math.exp(
        cycle.stream().mapToDouble(sample -> Math.log(sample.rate())).average().orElseThrow());
  }

  private List<Sample> cycle() {
    beforeCycle.run();
    List<Sample> samples = new ArrayList<>();
    for (Phase phase : phases) {
      samples.add(load.closedLoop(phase.call().get(), phase.callers(), round));
    }
    return samples;
  }

  private List<Sample> constantRate(List<List<Sample>> cycles) {
    beforeCycle.run();
    List<Sample> samples = new ArrayList<>();
    for (int phase = 0; phase < phases.size(); phase++) {
      Call call = phases.get(phase).call().get();
      int index = phase;
      double rate =
          cycles.stream().mapToDouble(cycle -> cycle.get(index).rate()).average().orElseThrow();
      samples.add(load.constantRate(call, (int) (rate * SHARE / call.size()), round));
    }
    return samples;
  }
}
