package org.agentlifecycle.cluster;

import static org.awaitility.Awaitility.await;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Clients that spawn one agent after the other, start it and finish it, and write down what they
 * asked for and what they were told. A client whose call fails leaves that agent alone and goes to
 * the next server.
 */
final class LoadGenerator implements AutoCloseable {
  private static final List<String> MOVES = List.of("running", "completed");

  private static final AtomicInteger LOADS = new AtomicInteger();

  private final String prefix = "load-" + LOADS.incrementAndGet() + "-";
  private final List<Client> servers;
  private final ExecutorService threads;
  private final Map<String, Integer> asked = new ConcurrentHashMap<>();
  private final Map<String, Integer> acknowledged = new ConcurrentHashMap<>();
  private final AtomicInteger acknowledgements = new AtomicInteger();
  private final Queue<ApiResponse> rejected = new ConcurrentLinkedQueue<>();
  private final Queue<RuntimeException> unanswered = new ConcurrentLinkedQueue<>();
  private volatile boolean over;

  LoadGenerator(List<Client> servers, int clients) {
    this.servers = servers;
    this.threads = Executors.newFixedThreadPool(clients);
    for (int client = 0; client < clients; client++) {
      int number = client;
      threads.execute(() -> work(number));
    }
  }

  private void work(int client) {
    int server = client;
    for (int agent = 0; !over; agent++) {
      if (!live(prefix + client + "-" + agent, servers.get(server % servers.size()))) {
        server++;
      }
    }
  }

  /** One agent's life; whether all of it was acknowledged. */
  private boolean live(String id, Client server) {
    try {
      asked.put(id, 1);
      boolean well = record(id, 1, server.register(id, "load"));
      for (int move = 0; well && move < MOVES.size(); move++) {
        int version = move + 2;
        asked.put(id, version);
        well = record(id, version, server.move(id, MOVES.get(move), "load"));
      }
      return well;
    } catch (UncheckedIOException silence) {
      unanswered.add(silence);
      return false;
    }
  }

  private boolean record(String id, int version, ApiResponse answer) {
    if (answer.isSuccess()) {
      acknowledged.put(id, version);
      acknowledgements.incrementAndGet();
    } else {
      rejected.add(answer);
    }
    return answer.isSuccess();
  }

  /** Waits until so many more changes were acknowledged. */
  void proceed(int changes) {
    int goal = acknowledgements.get() + changes;
    await().atMost(Duration.ofMinutes(2)).until(() -> acknowledgements.get() >= goal);
  }

  /** No new calls, and those under way are answered. */
  @Override
  public void close() {
    over = true;
    threads.shutdown();
    try {
      if (!threads.awaitTermination(2, TimeUnit.MINUTES)) {
        throw new AssertionError("calls were not answered");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The version that was last asked for, by agent. */
  Map<String, Integer> asked() {
    return asked;
  }

  /** The version that was last acknowledged, by agent. */
  Map<String, Integer> acknowledged() {
    return acknowledged;
  }

  /** Answers other than success. */
  Queue<ApiResponse> rejected() {
    return rejected;
  }

  /** Calls that got no answer. */
  Queue<RuntimeException> unanswered() {
    return unanswered;
  }
}
