package org.agentlifecycle.cluster;

import static org.agentlifecycle.cluster.ResourceClient.retryWhileUnavailable;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import tools.jackson.databind.JsonNode;

/** Idempotency keys on two servers. */
@TestMethodOrder(OrderAnnotation.class) // tests that end a server run last
class IdempotencyIT extends TwoServersBase {
  @Test
  void parallelCallsWithOneKeyTakeEffectOnce() {
    useEmptyStore();
    try (EventLog events = cluster.events();
        ConcurrentCallers callers = new ConcurrentCallers(16)) {
      String body = "{\"taskId\":\"t\",\"labels\":{\"a\":\"ä\"},\"metadata\":{\"n\":1.50}}";
      ApiResponse spawned = same(callers, i -> client(i).post("agents", body, KEY, "spawn"));
      assertThat(spawned.status()).isEqualTo(201);
      assertThat(spawned.etag()).endsWith("-1\"");
      String id = spawned.text("agentId");
      assertThat(spawned.location()).isEqualTo("/api/v1/agents/" + id);
      assertThat(ids("agents")).containsExactly(id);

      ApiResponse moved = same(callers, i -> client(i).move(id, "running", KEY, "run"));
      assertThat(moved.status()).isEqualTo(200);
      assertThat(moved.etag()).isEqualTo(spawned.etag().replace("-1\"", "-2\""));
      client(0).move(id, "completed");
      assertThat(client(1).move(id, "running", KEY, "run")).isEqualTo(moved);
      assertThat(client(1).post("agents", body, KEY, "spawn")).isEqualTo(spawned);

      ApiResponse kill = same(callers, i -> client(i).post("kills", ALL, KEY, "kill"));
      assertThat(kill.status()).isEqualTo(202);
      awaitDone(kill);
      retryWhileUnavailable(() -> client(0).post("agents", agent("later", "t", "")));
      assertThat(client(0).post("kills", ALL, KEY, "kill")).isEqualTo(kill);
      assertThat(client(0).get("agents/later").text("status")).isEqualTo("spawning");
      assertThat(cluster.valkey().keys(Cluster.ROOT + ":kill:*")).hasSize(1);
      assertThat(events.transitions().get(id)).hasSize(3);
      events.assertChannelEqualsFeed();
    }
  }

  private static ApiResponse same(ConcurrentCallers callers, IntFunction<ApiResponse> call) {
    List<ApiResponse> replies =
        callers.concurrently(caller -> retryWhileUnavailable(() -> call.apply(caller)));
    assertThat(replies).allMatch(replies.get(0)::equals, "equal to the first response");
    return replies.get(0);
  }

  @Test
  void reusedKeyIsRejectedAndRejectionsAreNotStored() {
    useEmptyStore();
    for (int i = 0; i < 3; i++) {
      assertThat(client(i).move("a-1", "running", KEY, "early").status()).isEqualTo(404);
      admit(0, "{\"open\":false,\"maxActive\":0}");
      assertThat(client(i).post("agents", agent("a-1", "t", ""), KEY, "k").problem())
          .isEqualTo("admission-closed");
    }
    admit(0, "{\"open\":true,\"maxActive\":0}");
    assertThat(client(0).post("agents", agent("a-1", "t", ""), KEY, "k").status()).isEqualTo(201);
    assertThat(client(1).post("agents", agent("a-1", "t", "")).status()).isEqualTo(409);
    assertThat(client(1).move("a-1", "running", KEY, "early").status()).isEqualTo(200);
    retryWhileUnavailable(() -> client(0).post("agents", agent("a-2", "t", "")));

    List<ApiResponse> reused =
        List.of(
            client(1).post("agents", agent("a-3", "t", ""), KEY, "k"),
            client(1).move("a-1", "completed", KEY, "early"),
            client(0).move("a-2", "running", KEY, "early"),
            client(0).post("kills", ALL, KEY, "k"),
            client(1).post("kills", "{\"x\":\"running\"}", KEY, "k"));
    assertThat(reused.subList(0, 4)).allMatch(response -> response.status() == 422);
    assertThat(reused.subList(0, 4))
        .extracting(ApiResponse::problem)
        .containsOnly("idempotency-key-reused");
    assertThat(reused.get(4).status()).isEqualTo(400);
    assertThat(client(0).get("agents/a-3").status()).isEqualTo(404);
    assertThat(client(0).get("agents/a-2").text("status")).isEqualTo("spawning");
    assertThat(client(0).get("agents/a-1").text("status")).isEqualTo("running");
  }

  @Test
  void invalidKeyIsRejected() {
    useEmptyStore();
    for (String key : List.of("", "x".repeat(129), "two words", "x".repeat(200))) {
      ApiResponse rejected = client(0).post("agents", agent("a-1", "t", ""), KEY, key);
      assertThat(rejected.status()).as(key).isEqualTo(400);
      assertThat(rejected.json().path("errors").path(0).path("field").asString()).isEqualTo(KEY);
    }
    assertThat(client(0).post("agents", agent("a-1", "t", ""), KEY, "one", KEY, "two").status())
        .isEqualTo(400);
    assertThat(client(0).get("agents/a-1").status()).isEqualTo(404);
    assertThat(client(0).post("agents", agent("a-1", "t", ""), KEY, "x".repeat(128)).status())
        .isEqualTo(201);
  }

  @Test
  @Order(LAST - 1)
  void retriedCallsAfterServerCrashTakeEffectOnce() throws Exception {
    useEmptyStore();
    try (EventLog events = cluster.events()) {
      retryCallsInFlight(events);
    }
  }

  private void retryCallsInFlight(EventLog events) throws InterruptedException {
    int threads = 64;
    List<String> ids = StoreFixture.ids("a-", threads * 40);
    StoreFixture.register(cluster.valkey(), ids, "moved", "");
    admit(0, "{\"open\":true,\"maxActive\":" + ids.size() * 2 + "}");
    Map<String, ApiResponse> acknowledged = new ConcurrentHashMap<>();
    Queue<String> unanswered = new ConcurrentLinkedQueue<>();
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    for (int thread = 0; thread < threads; thread++) {
      List<String> mine = ids.subList(thread * 40, thread * 40 + 40);
      pool.execute(
          () -> {
            for (String id : mine) {
              try {
                acknowledged.put(
                    "move-" + id, retryWhileUnavailable(() -> keyedMove(client(0), id)));
                acknowledged.put(
                    "spawn-" + id, retryWhileUnavailable(() -> keyedSpawn(client(0), id)));
              } catch (UncheckedIOException noResponse) {
                unanswered.add(id);
                return;
              }
            }
          });
    }
    await().atMost(TIMEOUT).until(() -> acknowledged.size() > 500);
    cluster.server(0).kill();
    pool.shutdown();
    assertThat(pool.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
    assertThat(unanswered).as("calls in flight").isNotEmpty();

    try (ConcurrentCallers callers = new ConcurrentCallers(8)) {
      callers.all(
          ids.size(),
          i -> {
            String id = ids.get(i);
            ApiResponse moved = retryWhileUnavailable(() -> keyedMove(client(1), id));
            ApiResponse spawned = retryWhileUnavailable(() -> keyedSpawn(client(1), id));
            assertThat(moved.status()).as(moved.body()).isEqualTo(200);
            assertThat(spawned.status()).as(spawned.body()).isEqualTo(201);
            assertSame(acknowledged.get("move-" + id), moved);
            assertSame(acknowledged.get("spawn-" + id), spawned);
            return id;
          });

      Map<String, List<JsonNode>> transitions = events.transitions();
      assertThat(transitions).hasSize(2 * ids.size());
      transitions.forEach(
          (id, steps) -> {
            boolean isMoved = steps.get(0).path("taskId").asString().equals("moved");
            assertThat(steps)
                .as(id)
                .extracting(step -> step.path("to").asString())
                .containsExactlyElementsOf(
                    isMoved ? List.of("spawning", "running") : List.of("spawning"));
          });
      assertThat(stats(client(1), "spawning")).isEqualTo(ids.size());
      assertThat(stats(client(1), "running")).isEqualTo(ids.size());
      // the count of active agents is exact
      assertThat(client(1).post("agents", agent("full", "t", "")).status()).isEqualTo(429);
      client(1).move(ids.get(0), "completed");
      assertThat(client(1).post("agents", agent("free", "t", "")).status()).isEqualTo(201);
      events.assertChannelEqualsFeed();
    }
  }

  private static ApiResponse keyedMove(ResourceClient client, String id) {
    return client.move(id, "running", KEY, "move-" + id);
  }

  private static ApiResponse keyedSpawn(ResourceClient client, String id) {
    return client.post("agents", "{\"taskId\":\"spawned\"}", KEY, "spawn-" + id);
  }

  /** Asserts that a successful response is replayed to the retry. */
  private static void assertSame(ApiResponse before, ApiResponse retried) {
    if (before != null && before.status() < 300) {
      assertThat(retried).isEqualTo(before);
    }
  }
}
