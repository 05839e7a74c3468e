package org.agentlifecycle.cluster;

import static org.agentlifecycle.cluster.ResourceClient.retryWhileUnavailable;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/** Base of the tests that call two servers with one store. */
abstract class TwoServersBase {
  static final Duration TIMEOUT = Duration.ofMinutes(1);
  static final int LAST = Integer.MAX_VALUE;
  static final String KEY = "Idempotency-Key";
  static final String ALL = "{\"selector\":{\"all\":true}}";

  Cluster cluster;
  List<ResourceClient> clients;

  void useEmptyStore() {
    cluster = Cluster.empty();
    clients = List.of(new ResourceClient(cluster.server(0)), new ResourceClient(cluster.server(1)));
  }

  ResourceClient client(int caller) {
    return clients.get(caller % clients.size());
  }

  /** Returns the ids of a listing. */
  List<String> ids(String listing) {
    return client(0).get(listing).json().path("items").values().stream()
        .map(agent -> agent.path("agentId").asString())
        .toList();
  }

  Map<String, Object> awaitDone(ApiResponse accepted) {
    return awaitDone(accepted.text("killId"));
  }

  Map<String, Object> awaitDone(String killId) {
    await()
        .atMost(TIMEOUT)
        .until(() -> client(1).kill(killId).path("state").asString().equals("done"));
    JsonNode kill = client(1).kill(killId);
    assertThat(kill.propertyNames())
        .containsExactly(
            "killId",
            "state",
            "dryRun",
            "matched",
            "killed",
            "alreadyFinished",
            "startedAt",
            "finishedAt");
    assertThat(Instant.parse(kill.path("finishedAt").asString()))
        .isAfterOrEqualTo(kill.path("startedAt").asString());
    return counts(
        kill.path("dryRun").asBoolean(),
        kill.path("matched").asInt(),
        kill.path("killed").asInt(),
        kill.path("alreadyFinished").asInt());
  }

  static Map<String, Object> counts(boolean dry, int matched, int killed, int finished) {
    Map<String, Object> counts = new LinkedHashMap<>();
    counts.put("dryRun", dry);
    counts.put("matched", matched);
    counts.put("killed", killed);
    counts.put("alreadyFinished", finished);
    return counts;
  }

  /** Sets the admission through one server. */
  void admit(int server, String body) {
    ApiResponse admitted = retryWhileUnavailable(() -> client(server).put("admission", body));
    assertThat(admitted.status()).as(admitted.body()).isEqualTo(200);
    assertThat(admitted.body()).isEqualTo(body + "\n");
  }

  /** Sends heartbeats for some agents, in rounds. */
  static final class Heartbeats implements AutoCloseable {
    private static final int THREADS = 4;
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    private final Map<Integer, Integer> rounds = new ConcurrentHashMap<>();
    private final Queue<ApiResponse> rejected = new ConcurrentLinkedQueue<>();
    private volatile boolean stopped;

    Heartbeats(ResourceClient client, List<String> ids) {
      for (int thread = 0; thread < THREADS; thread++) {
        int number = thread;
        threads.execute(
            () -> {
              while (!stopped) {
                for (int i = number; i < ids.size(); i += THREADS) {
                  String id = ids.get(i);
                  ApiResponse response = retryWhileUnavailable(() -> client.heartbeat(id));
                  if (response.status() != 200 && response.status() != 504) {
                    rejected.add(response);
                  }
                }
                rounds.merge(number, 1, Integer::sum);
              }
            });
      }
    }

    /** Waits until each agent got a heartbeat that was sent after this call. */
    void awaitRound() {
      Map<Integer, Integer> now = new HashMap<>(rounds);
      await()
          .atMost(TIMEOUT)
          .until(
              () ->
                  IntStream.range(0, THREADS)
                      .allMatch(
                          thread ->
                              rounds.getOrDefault(thread, 0) >= now.getOrDefault(thread, 0) + 2));
    }

    @Override
    public void close() {
      stopped = true;
      threads.shutdown();
      try {
        assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
      assertThat(rejected).isEmpty();
    }
  }

  static String agent(String id, String task, String more) {
    return "{\"agentId\":\"" + id + "\",\"taskId\":\"" + task + "\"" + more + "}";
  }

  static int stats(ResourceClient client, String name) {
    return client.get("stats").json().path(name).asInt();
  }

  static void awaitStats(ResourceClient client, String name, int count) {
    await().atMost(TIMEOUT).until(() -> stats(client, name) == count);
  }

  static Instant at(JsonNode event) {
    return Instant.parse(event.path("timestamp").asString());
  }

  static void pause(Duration length) {
    try {
      Thread.sleep(length.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
