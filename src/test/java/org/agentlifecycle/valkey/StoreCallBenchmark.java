package org.agentlifecycle.valkey;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.agentlifecycle.admission.AdmissionSettings;
import org.agentlifecycle.agent.AgentSettings;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.harness.EmbeddedStore;
import org.agentlifecycle.session.SessionSettings;

/**
 * Measures transitions without HTTP: calls per second, CPU time of the store and of this client per
 * call, and latency. Run it with the classpath of the tests; arguments: rounds, threads, and the
 * size of the batches that one more thread registers all the time (0 for none).
 */
final class StoreCallBenchmark {
  private static final int TICKS_PER_SECOND = 100;
  private static final Duration ROUND = Duration.ofSeconds(4);

  private final EmbeddedStore store;
  private final FunctionLibrary functions;
  private final ValkeyAgentStore agents;
  private final int threads;
  private final Map<String, Integer> failures = new ConcurrentHashMap<>();

  private StoreCallBenchmark(EmbeddedStore store, ValkeyClient client, int threads) {
    this.store = store;
    this.threads = threads;
    ValkeySettings settings = new ValkeySettings(store.uri().toString(), "benchmark");
    functions = new FunctionLibrary(client, settings);
    agents =
        new ValkeyAgentStore(
            functions,
            new AgentSettings(Duration.ZERO, Duration.ofDays(7), Duration.ofDays(1)),
            new SessionSettings(Duration.ofHours(1), Optional.empty()),
            new AdmissionSettings(0));
  }

  public static void main(String[] arguments) throws Exception {
    int rounds = Integer.parseInt(arguments[0]);
    int threads = Integer.parseInt(arguments[1]);
    try (EmbeddedStore store = EmbeddedStore.start()) {
      ValkeyClient client =
          new ValkeyClient(new ValkeySettings(store.uri().toString(), "benchmark"));
      StoreCallBenchmark benchmark = new StoreCallBenchmark(store, client, threads);
      benchmark.round("warm-up");
      int batch = Integer.parseInt(arguments[2]);
      if (batch > 0) {
        Thread batches = new Thread(() -> benchmark.registerBatches(batch));
        batches.setDaemon(true);
        batches.start();
      }
      for (int round = 1; round <= rounds; round++) {
        benchmark.round("round " + round);
      }
      client.close();
    }
  }

  private void round(String name) throws Exception {
    double storeCpu = storeCpuSeconds();
    long ownCpu = ownCpuNanos();
    long start = System.nanoTime();
    long[] latencies = load(name.replace(' ', '-'), start + ROUND.toNanos());
    double seconds = (System.nanoTime() - start) / 1e9;
    int calls = latencies.length;
    failures.forEach((failure, times) -> System.out.println(times + " x " + failure));
    failures.clear();
    System.out.printf(
        "%s: %.0f calls/s, store %.1f us/call, client %.1f us/call, p50 %d us, p99 %d us%n",
        name,
        calls / seconds,
        1e6 * (storeCpuSeconds() - storeCpu) / calls,
        1e-3 * (ownCpuNanos() - ownCpu) / calls,
        latencies[calls / 2] / 1_000,
        latencies[calls - calls / 100 - 1] / 1_000);
  }

  private long[] load(String prefix, long end) throws InterruptedException {
    ConcurrentLinkedQueue<Long> latencies = new ConcurrentLinkedQueue<>();
    CountDownLatch done = new CountDownLatch(threads);
    ExecutorService callers = Executors.newFixedThreadPool(threads);
    for (int t = 0; t < threads; t++) {
      String agent = prefix + "-" + t + "-";
      callers.execute(
          () -> {
            for (int i = 0; System.nanoTime() < end; i++) {
              live(agent + i, latencies);
            }
            done.countDown();
          });
    }
    boolean ended = done.await(1, TimeUnit.MINUTES);
    callers.shutdown();
    long[] sorted = latencies.stream().mapToLong(Long::longValue).sorted().toArray();
    return ended ? sorted : Arrays.copyOf(sorted, 0);
  }

  private void registerBatches(int size) {
    for (int batch = 0; ; batch++) {
      String prefix = "batch-" + batch + "-";
      List<FunctionCall<String>> calls =
          IntStream.range(0, size).mapToObj(i -> RegisterCalls.of(prefix + i)).toList();
      long start = System.nanoTime();
      List<CallResult> results = functions.writeAll(calls);
      long failed = results.stream().filter(result -> result.failure() != null).count();
      if (batch % 20 == 0) {
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        System.out.printf("batch of %d: %d ms, %d failed%n", size, millis, failed);
      }
    }
  }

  private void live(String id, ConcurrentLinkedQueue<Long> latencies) {
    time(
        () -> agents.register(new Registration(id, "task", Map.of(), null, null, null), null),
        latencies);
    time(() -> move(id, AgentStatus.RUNNING), latencies);
    time(() -> move(id, AgentStatus.COMPLETED), latencies);
  }

  private void move(String id, AgentStatus to) {
    agents.move(id, TransitionRequest.to(to), to.sources(), null);
  }

  private void time(Runnable call, ConcurrentLinkedQueue<Long> latencies) {
    long start = System.nanoTime();
    try {
      call.run();
      latencies.add(System.nanoTime() - start);
    } catch (LifecycleException failure) {
      failures.merge(failure.reason() + ", " + failure.getCause(), 1, Integer::sum);
    }
  }

  /** User and system time are the fields 14 and 15 of {@code /proc/<pid>/stat}. */
  private double storeCpuSeconds() throws IOException {
    String stat = Files.readString(Path.of("/proc", Long.toString(store.pid()), "stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / (double) TICKS_PER_SECOND;
  }

  private static long ownCpuNanos() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }
}
