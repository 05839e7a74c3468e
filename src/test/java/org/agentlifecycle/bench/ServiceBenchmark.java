package org.agentlifecycle.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * {@code mvn -Pbench}: measures the service on one server with a private store, prints a table and
 * ends.
 *
 * <p>{@code -Dbench.jfr=file} adds a recording of transitions by JDK Flight Recorder.
 */
public final class ServiceBenchmark implements AutoCloseable {

  private static final int CALLERS = 32;
  private static final int LIST_CALLERS = 8;
  private static final int BATCH_CALLERS = 4;
  private static final int COUNTED = 3;
  private static final Duration WARM_UP = Duration.ofSeconds(140);
  private static final Duration SHORT_WARM_UP = Duration.ofSeconds(30);
  private static final Duration ROUND = Duration.ofSeconds(3);
  private static final Duration SHORT_ROUND = Duration.ofSeconds(2);
  private static final String READ_REFERENCE = "reference GET";
  private static final String WRITE_REFERENCE = "reference POST";

  private final String recording = System.getProperty("bench.jfr", "");
  private final BenchServer server =
      new BenchServer(recording.isEmpty() ? new String[0] : Recording.JVM_OPTIONS);
  private final LoadGenerator load = server.load();
  private final boolean batches = server.hasBatches();
  private final Table table = new Table();
  private int cycles;
  private Agents agents;

  /** Runs the benchmark. */
  public static void main(String[] arguments) {
    Locale.setDefault(Locale.ROOT);
    long start = System.nanoTime();
    try (ServiceBenchmark benchmark = new ServiceBenchmark()) {
      benchmark.run();
    }
    System.out.printf("%nThe benchmark took %.0f s.%n", (System.nanoTime() - start) / 1e9);
  }

  private void run() {
    System.out.println(server);
    single();
    if (!recording.isEmpty()) {
      recordTransitions();
    }
    if (batches) {
      batches();
    } else {
      System.out.println("batches: skipped, the service has no POST /api/v1/batches");
    }
    lists(1_000);
    lists(100_000);
    table.print();
    FunctionBenchmark.run();
    if (!table.isValid()) {
      throw new IllegalStateException(
          "the benchmark is invalid: more than 1 % of the calls of a phase failed");
    }
  }

  private void single() {
    table.add(
        new Group(
                "single calls",
                load,
                ROUND,
                this::empty,
                List.of(
                    new Phase(READ_REFERENCE, CALLERS, READ_REFERENCE, this::referenceRead),
                    new Phase(WRITE_REFERENCE, CALLERS, WRITE_REFERENCE, this::referenceWrite),
                    new Phase("register", CALLERS, WRITE_REFERENCE, () -> agents.register()),
                    new Phase("running", CALLERS, WRITE_REFERENCE, () -> agents.start()),
                    new Phase("heartbeat", CALLERS, WRITE_REFERENCE, () -> agents.heartbeat()),
                    new Phase("get", CALLERS, READ_REFERENCE, () -> agents.read()),
                    new Phase("completed", CALLERS, WRITE_REFERENCE, () -> agents.complete())))
            .measure(WARM_UP, COUNTED));
  }

  private Call referenceRead() {
    return Call.get(() -> "/bench-reference/agents/00000001-0000-4000-8000-000000000001");
  }

  private Call referenceWrite() {
    return Call.post(
        () -> "/bench-reference/agents/00000001-0000-4000-8000-000000000001/transitions",
        () -> "{\"to\":\"running\"}");
  }

  private void batches() {
    table.add(
        new Group(
                "batches of 100",
                load,
                SHORT_ROUND,
                this::empty,
                List.of(
                    new Phase(
                        "batch register",
                        BATCH_CALLERS,
                        WRITE_REFERENCE,
                        () -> agents.registerBatches()),
                    new Phase(
                        "batch running",
                        BATCH_CALLERS,
                        WRITE_REFERENCE,
                        () -> agents.startBatches())))
            .measure(SHORT_WARM_UP, COUNTED));
  }

  private void lists(int count) {
    empty();
    Call fill = batches ? agents.registerBatches(count) : agents.register(count);
    load.closedLoop(fill, batches ? BATCH_CALLERS : CALLERS, Duration.ofSeconds(60));
    String name = String.format("list, %,d agents", count);
    table.add(
        new Group(
                name,
                load,
                SHORT_ROUND,
                () -> {},
                List.of(new Phase(name, LIST_CALLERS, READ_REFERENCE, Agents::list)))
            .measure(SHORT_WARM_UP, COUNTED));
  }

  private void recordTransitions() {
    empty();
    load.closedLoop(agents.register(), CALLERS, Duration.ofSeconds(20));
    Recording.record(
        server.pid(),
        Path.of(recording),
        () -> {
          load.closedLoop(agents.start(), CALLERS, Duration.ofSeconds(30));
          load.closedLoop(agents.complete(), CALLERS, Duration.ofSeconds(30));
        });
    System.out.println("Recording of transitions: " + recording);
  }

  private void empty() {
    server.flush();
    agents = new Agents(++cycles);
  }

  @Override
  public void close() {
    server.close();
  }
}
