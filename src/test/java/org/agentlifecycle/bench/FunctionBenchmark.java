package org.agentlifecycle.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.agentlifecycle.harness.EmbeddedStore;
import org.agentlifecycle.valkey.FunctionNames;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;

/**
 * Measures the functions alone: CPU time of the store for each call, beside the smallest function
 * with the same writes ({@code bench/minimal.lua}). The two are called alternately.
 */
final class FunctionBenchmark {
  private static final int AGENTS = 20_000;
  private static final int PIPELINED = 200;
  private static final int WARM_UP = 2;
  private static final int COUNTED = 5;
  private static final String EVENT =
      "{\"type\":\"agent.running\",\"agentId\":\"agent-00001\",\"taskId\":\"task-1\","
          + "\"timestamp\":\"2026-11-22T15:00:00.120Z\",\"version\":2,\"from\":\"spawning\",\"to\":\"running\"}";

  /** One function of the library and its counterpart. */
  private record Pair(
      String name,
      boolean isRead,
      String function,
      Function<String, List<String>> arguments,
      String minimal,
      Function<String, List<String>> minimalArguments) {}

  private static final List<Pair> PAIRS =
      List.of(
          new Pair(
              "register",
              false,
              FunctionNames.of("register"),
              id -> List.of(id, "task-1", "", "", "", "", "0"),
              "minimal_register",
              id -> List.of(id, "task-1", EVENT)),
          new Pair("find", true, FunctionNames.of("find"), List::of, "minimal_find", List::of),
          new Pair(
              "running",
              false,
              FunctionNames.of("move"),
              id -> List.of(id, "running", "", "spawning", "*"),
              "minimal_move",
              id -> List.of(id, "spawning", "running", EVENT, "")),
          new Pair(
              "completed",
              false,
              FunctionNames.of("move"),
              id -> List.of(id, "completed", "30000", "running", "*"),
              "minimal_move",
              id -> List.of(id, "running", "completed", EVENT, "final")));

  private final Jedis store;

  private FunctionBenchmark(Jedis store) {
    this.store = store;
  }

  public static void main(String[] arguments) {
    run();
  }

  /** Measures on a store of its own and prints a table. */
  static void run() {
    try (EmbeddedStore server = EmbeddedStore.start();
        Jedis store = new Jedis(server.uri())) {
      new FunctionBenchmark(store).measure();
    }
  }

  private void measure() {
    store.functionLoadReplace(FunctionNames.code());
    store.functionLoadReplace(minimal());
    Map<String, List<double[]>> results = new LinkedHashMap<>();
    for (int round = 0; round < WARM_UP + COUNTED; round++) {
      store.flushDB();
      for (Pair pair : PAIRS) {
        double minimal = micros(pair, pair.minimal(), "{minimal}", pair.minimalArguments());
        double ours = micros(pair, pair.function(), "{agents}", pair.arguments());
        if (round >= WARM_UP) {
          results
              .computeIfAbsent(pair.name(), any -> new ArrayList<>())
              .add(new double[] {ours, minimal, ours / minimal});
        }
      }
    }
    print(results);
  }

  private static String minimal() {
    try (InputStream in = FunctionBenchmark.class.getResourceAsStream("/bench/minimal.lua")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Calls the function once for each agent and returns the mean time of a call. */
  private double micros(
      Pair pair, String function, String key, Function<String, List<String>> arguments) {
    store.configResetStat();
    for (int from = 0; from < AGENTS; from += PIPELINED) {
      try (Pipeline pipeline = store.pipelined()) {
        for (int i = from; i < from + PIPELINED; i++) {
          List<String> values = arguments.apply(String.format("agent-%05d", i));
          if (pair.isRead()) {
            pipeline.fcallReadonly(function, List.of(key), values);
          } else {
            pipeline.fcall(function, List.of(key), values);
          }
        }
        pipeline.sync();
      }
    }
    return usecPerCall(pair.isRead() ? "fcall_ro" : "fcall");
  }

  private double usecPerCall(String command) {
    String prefix = "cmdstat_" + command + ":";
    return store
        .info("commandstats")
        .lines()
        .filter(line -> line.startsWith(prefix))
        .map(line -> line.replaceAll(".*usec_per_call=([0-9.]+).*", "$1").strip())
        .mapToDouble(Double::parseDouble)
        .findFirst()
        .orElseThrow();
  }

  private static void print(Map<String, List<double[]>> results) {
    System.out.printf("%n%-12s %12s %12s %8s%n", "function", "µs/call", "minimal µs", "ratio");
    results.forEach(
        (name, rounds) ->
            System.out.printf(
                "%-12s %12.1f %12.1f %8.2f%n",
                name, median(rounds, 0), median(rounds, 1), median(rounds, 2)));
  }

  private static double median(List<double[]> rounds, int column) {
    double[] sorted = rounds.stream().mapToDouble(round -> round[column]).sorted().toArray();
    return sorted[sorted.length / 2];
  }
}
