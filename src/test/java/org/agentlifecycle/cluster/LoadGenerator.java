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
 * Clients that register, start and complete agents one after another, and record each request and
 * each acknowledgement. After a failed call, a client leaves that agent and uses the next server.
 */
final class LoadGenerator implements AutoCloseable {
  private static final List<String> MOVES = List.of("running", "completed");

  private static final AtomicInteger LOADS = new AtomicInteger();

  private final String prefix = "load-" + LOADS.incrementAndGet() + "-";
  private final List<AgentClient> servers;
  private final ExecutorService threads;
  private final Map<String, Integer> requested = new ConcurrentHashMap<>();
  private final Map<String, Integer> acknowledged = new ConcurrentHashMap<>();
  private final AtomicInteger acknowledgements = new AtomicInteger();
  private final Queue<ApiResponse> rejected = new ConcurrentLinkedQueue<>();
  private final Queue<RuntimeException> unanswered = new ConcurrentLinkedQueue<>();
  private volatile boolean stopped;

  LoadGenerator(List<AgentClient> servers, int clients) {
    this.servers = servers;
    this.threads = Executors.newFixedThreadPool(clients);
    for (int client = 0; client < clients; client++) {
      int number = client;
      threads.execute(() -> runClient(number));
    }
  }

  private void runClient(int client) {
    int server = client;
    for (int agent = 0; !stopped; agent++) {
      if (!runAgent(prefix + client + "-" + agent, servers.get(server % servers.size()))) {
        server++;
      }
    }
  }

  /** Runs one agent through all transitions; returns whether all were acknowledged. */
  private boolean runAgent(String id, AgentClient server) {
    try {
      requested.put(id, 1);
      boolean acknowledgedSoFar = record(id, 1, server.register(id, "load"));
      for (int move = 0; acknowledgedSoFar && move < MOVES.size(); move++) {
        int version = move + 2;
        requested.put(id, version);
        acknowledgedSoFar = record(id, version, server.move(id, MOVES.get(move), "load"));
      }
      return acknowledgedSoFar;
    } catch (UncheckedIOException noResponse) {
      unanswered.add(noResponse);
      return false;
    }
  }

  private boolean record(String id, int version, ApiResponse response) {
    if (response.isSuccess()) {
      acknowledged.put(id, version);
      acknowledgements.incrementAndGet();
    } else {
      rejected.add(response);
    }
    return response.isSuccess();
  }

  /** Waits until the given number of further changes is acknowledged. */
  void awaitAcknowledgements(int changes) {
    int goal = acknowledgements.get() + changes;
    await().atMost(Duration.ofMinutes(2)).until(() -> acknowledgements.get() >= goal);
  }

  /** Starts no further calls and waits for the responses of the calls in flight. */
  @Override
  public void close() {
    stopped = true;
    threads.shutdown();
    try {
      if (!threads.awaitTermination(2, TimeUnit.MINUTES)) {
        throw new AssertionError("calls in flight did not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Returns the last requested version of each agent. */
  Map<String, Integer> requested() {
    return requested;
  }

  /** Returns the last acknowledged version of each agent. */
  Map<String, Integer> acknowledged() {
    return acknowledged;
  }

  /** Returns the responses other than success. */
  Queue<ApiResponse> rejected() {
    return rejected;
  }

  /** Returns the exceptions of the calls without a response. */
  Queue<RuntimeException> unanswered() {
    return unanswered;
  }
}
