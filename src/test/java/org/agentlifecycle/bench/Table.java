package org.agentlifecycle.bench;

import java.util.ArrayList;
import java.util.List;

/** The printed result. */
final class Table {

  private static final String FORMAT = "%-24s %8s %10s %9s %9s %9s %9s %9s %9s %7s %7s%n";

  private static final double MAX_FAILED = 0.01;

  private final List<Row> rows = new ArrayList<>();

  void add(List<Row> more) {
    rows.addAll(more);
  }

  void print() {
    System.out.println();
    System.out.printf(
        FORMAT, "", "", "", "closed", "loop", "at 50 %", "of rate", "service", "store", "",
        "others");
    System.out.printf(
        FORMAT, "phase", "callers", "calls/s", "p50 ms", "p99 ms", "p50 ms", "p99 ms", "s/1k",
        "s/1k", "ratio", "cores");
    rows.forEach(this::print);
  }

  private void print(Row row) {
    System.out.printf(
        FORMAT,
        row.name(),
        row.phase().callers(),
        String.format("%,.0f", row.rate()),
        millis(row.percentileMillis(50)),
        millis(row.percentileMillis(99)),
        millis(row.constantRate().percentileMillis(50)),
        millis(row.constantRate().percentileMillis(99)),
        cpu(row.median(Sample::serviceCpuPerThousand)),
        cpu(row.median(Sample::storeCpuPerThousand)),
        ratio(row),
        cpu(row.otherCores()));
    if (!row.failures().isEmpty()) {
      System.out.println("  failed, by status (0: no response): " + row.failures());
    }
  }

  /** Returns whether almost all calls were successful. */
  boolean isValid() {
    return rows.stream().allMatch(row -> row.failedPart() < MAX_FAILED);
  }

  private static String millis(double value) {
    return String.format("%.2f", value);
  }

  private static String cpu(double value) {
    return Double.isNaN(value) ? "-" : String.format("%.3f", value);
  }

  private String ratio(Row row) {
    return rows.stream()
        .filter(other -> other.name().equals(row.phase().reference()))
        .findFirst()
        .map(reference -> String.format("%.2f", row.rate() / reference.rate()))
        .orElse("-");
  }
}
