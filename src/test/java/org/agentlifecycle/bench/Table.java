package org.agentlifecycle.bench;

import java.util.ArrayList;
import java.util.List;

/** The printed result. */
final class Table {

  private static final String FORMAT = "%-24s %8s %10s %9s %9s %9s %9s %11s %11s %7s%n";

  private final List<Row> rows = new ArrayList<>();

  void add(List<Row> more) {
    rows.addAll(more);
  }

  void print() {
    System.out.println();
    System.out.printf(FORMAT, "", "", "", "all calls", "at once", "at 70 %", "of rate", "", "", "");
    System.out.printf(
        FORMAT,
        "phase",
        "callers",
        "calls/s",
        "p50 ms",
        "p99 ms",
        "p50 ms",
        "p99 ms",
        "service s/1k",
        "store s/1k",
        "ratio");
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
        ratio(row));
    if (row.errors() > 0) {
      System.out.printf("  %d calls of %s had no successful response%n", row.errors(), row.name());
    }
  }

  /** Returns whether all calls were successful. */
  boolean isValid() {
    return rows.stream().allMatch(row -> row.errors() == 0);
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
