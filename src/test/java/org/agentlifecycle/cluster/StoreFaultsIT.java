package org.agentlifecycle.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.agentlifecycle.harness.EmbeddedStore;
import org.agentlifecycle.harness.ServerProcess;
import org.agentlifecycle.harness.TestStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.args.ClientType;
import redis.clients.jedis.params.ClientKillParams;
import redis.clients.jedis.params.ClientKillParams.SkipMe;
import tools.jackson.databind.JsonNode;

/** Faults of the store while one server runs without a restart. */
@TestMethodOrder(OrderAnnotation.class)
class StoreFaultsIT {
  private static final int CLIENTS = 8;
  private static final int TIMES = 5;

  /**
   * Maximum number of store connections of the service; each lost connection affects at most one
   * call.
   */
  private static final int CONNECTIONS = 16;

  /** The contract allows a few seconds; a busy machine may need longer. */
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private static final String NAMESPACE = TestStore.namespace("faults");

  private static EmbeddedStore store;
  private static ServerProcess server;
  private static AgentClient client;

  @BeforeAll
  static void startWithoutAStore() {
    store = EmbeddedStore.start();
    store.stop();
    server = ServerProcess.start(store.uri(), Map.of("lifecycle.namespace", NAMESPACE));
    client = new AgentClient(server);
  }

  @AfterAll
  static void end() {
    if (server != null) {
      server.kill();
      server.close();
    }
    store.close();
  }

  @Test
  @Order(1) // before the server has connected to any store
  void serverStartsWithoutStoreAndBecomesReadyWithIt() {
    assertThat(client.health("started").status()).isEqualTo(200);
    assertCallsAreRejectedAndServerIsLive();

    store.restart();

    assertRecovers();
  }

  @Test
  void readinessFollowsTheStore() {
    ensureStoreIsRunning();
    store.stop();
    await().atMost(TIMEOUT).until(() -> client.health("ready").status() == 503);
    assertCallsAreRejectedAndServerIsLive();

    store.restart();

    assertRecovers();
  }

  @Test
  void flushedFunctionsAreLoadedAgainWithoutErrors() {
    ensureStoreIsRunning();
    LoadGenerator load = new LoadGenerator(List.of(client), CLIENTS);
    try (RedisClient valkey = RedisClient.create(store.uri());
        load) {
      for (int i = 0; i < TIMES; i++) {
        valkey.functionFlush();
        load.awaitAcknowledgements(50);
      }
    }
    assertThat(load.rejected()).isEmpty();
    assertThat(load.unanswered()).isEmpty();

    try (RedisClient valkey = RedisClient.create(store.uri())) {
      valkey.functionFlush();
    }
    assertThat(client.health("ready").status()).isEqualTo(200);
  }

  @Test
  void closedConnectionsAffectOnlyTheirCalls() {
    ensureStoreIsRunning();
    LoadGenerator load = new LoadGenerator(List.of(client), CLIENTS);
    try (Jedis valkey = new Jedis(store.uri());
        load) {
      for (int i = 0; i < TIMES; i++) {
        valkey.clientKill(new ClientKillParams().type(ClientType.NORMAL).skipMe(SkipMe.YES));
        load.awaitAcknowledgements(50);
      }
    }
    assertThat(load.unanswered()).isEmpty();
    assertThat(load.rejected())
        .hasSizeLessThanOrEqualTo(TIMES * CONNECTIONS)
        .allMatch(ApiResponse::isStoreError);
    assertRecovers();
  }

  @Test
  void everyCallGetsAResponseWhileTheStoreIsPaused() {
    ensureStoreIsRunning();
    store.pause();
    try (ConcurrentCallers callers = new ConcurrentCallers(64)) {
      for (int round = 0; round < 2; round++) {
        List<ApiResponse> responses =
            callers.concurrently(
                caller -> caller % 2 == 0 ? register() : client.agent("paused-" + caller));
        assertThat(responses).allMatch(ApiResponse::isStoreError);
      }
      assertCallsAreRejectedAndServerIsLive();
    } finally {
      store.resume();
    }
    assertRecovers();
  }

  /** Calls without a reply have an unknown outcome, and later calls of a batch are not sent. */
  @Test
  void batchesLoseNoAcknowledgedCallWhileTheStoreIsPaused() {
    ensureStoreIsRunning();
    ResourceClient batches = new ResourceClient(server);
    List<JsonNode> results = new ArrayList<>();
    try (ConcurrentCallers callers = new ConcurrentCallers(5)) {
      callers
          .concurrently(caller -> caller == 4 ? pauseDuringBatches() : sendBatches(batches, caller))
          .forEach(results::addAll);
    }
    assertThat(results)
        .extracting(result -> result.path("status").asInt())
        .contains(201, 504)
        .containsOnly(201, 503, 504);
    assertThat(results)
        .filteredOn(result -> !result.has("agent"))
        .allMatch(result -> result.path("retryAfter").asInt() > 0);
    assertRecovers();
    Set<String> stored = storedBatchAgents();
    assertThat(stored)
        .containsAll(
            results.stream()
                .filter(result -> result.has("agent"))
                .map(result -> result.path("agent").path("agentId").asString())
                .toList());
    assertThat(stored)
        .as("a call with status 503 was not applied")
        .hasSizeLessThanOrEqualTo(
            (int) results.stream().filter(result -> result.path("status").asInt() != 503).count());
  }

  private static List<JsonNode> sendBatches(ResourceClient client, int caller) {
    List<JsonNode> results = new ArrayList<>();
    long end = System.nanoTime() + Duration.ofMillis(1_500).toNanos();
    for (int round = 0; System.nanoTime() < end; round++) {
      String prefix = "batch-" + caller + "-" + round + "-";
      String calls =
          IntStream.range(0, 500)
              .mapToObj(i -> "{\"register\":" + TwoServersBase.agent(prefix + i, "t", "") + "}")
              .collect(Collectors.joining(","));
      ApiResponse response = client.post("batches", "{\"calls\":[" + calls + "]}");
      assertThat(response.status()).as(response.body()).isEqualTo(200);
      response.json().path("results").values().forEach(results::add);
    }
    return results;
  }

  private static List<JsonNode> pauseDuringBatches() {
    TwoServersBase.pause(Duration.ofMillis(300));
    store.pause();
    try {
      TwoServersBase.pause(Duration.ofMillis(1_000));
    } finally {
      store.resume();
    }
    return List.of();
  }

  private static Set<String> storedBatchAgents() {
    String prefix = "{" + NAMESPACE + "}:agent:";
    try (RedisClient valkey = RedisClient.create(store.uri())) {
      return valkey.keys(prefix + "batch-*").stream()
          .map(key -> key.substring(prefix.length()))
          .collect(Collectors.toSet());
    }
  }

  @Test
  void damagedRecordIsNamedAndCanBeRemoved() {
    ensureStoreIsRunning();
    client.register("damaged-1", "damaged");
    client.register("whole-1", "damaged");
    try (RedisClient valkey = RedisClient.create(store.uri())) {
      valkey.hdel("{" + NAMESPACE + "}:agent:damaged-1", "version");
    }

    for (ApiResponse response :
        List.of(client.agent("damaged-1"), client.move("damaged-1", "running", "start"))) {
      assertThat(response.status()).isEqualTo(500);
      assertThat(response.text("detail")).contains("agent damaged-1 is damaged");
    }
    assertThat(client.agents("taskId=damaged").items())
        .extracting(agent -> agent.path("agentId").asString())
        .containsExactly("whole-1");
    await().atMost(TIMEOUT).until(() -> client.health("ready").body().contains("damaged-1"));
    assertThat(client.health("ready").status()).isEqualTo(200);

    assertThat(client.removeDamaged("whole-1").problem()).isEqualTo("agent-not-damaged");
    assertThat(client.removeDamaged("damaged-0").status()).isEqualTo(404);
    assertThat(client.removeDamaged("damaged-1").status()).isEqualTo(204);
    assertThat(client.agent("damaged-1").status()).isEqualTo(404);
    assertThat(client.health("ready").body()).doesNotContain("damaged-1");
  }

  private static void ensureStoreIsRunning() {
    if (!store.isRunning()) {
      store.restart();
    }
    assertRecovers();
  }

  private static ApiResponse register() {
    return client.register(UUID.randomUUID().toString(), "faults");
  }

  private static void assertCallsAreRejectedAndServerIsLive() {
    List<Supplier<ApiResponse>> calls =
        List.of(
            StoreFaultsIT::register,
            () -> client.move("a-1", "killed", "over"),
            () -> client.agent("a-1"),
            () -> client.agents("limit=1"),
            () -> client.endSession("a-1"),
            () -> client.stats());
    assertThat(calls).extracting(Supplier::get).allMatch(ApiResponse::isStoreError);
    assertThat(client.health("ready").status()).isEqualTo(503);
    assertThat(client.health("live").status()).isEqualTo(200);
  }

  /** Asserts that the server becomes ready and that all following calls succeed. */
  private static void assertRecovers() {
    await().atMost(TIMEOUT).until(() -> client.health("ready").status() == 200);
    for (int i = 0; i < CONNECTIONS; i++) {
      ApiResponse response = register();
      assertThat(response.status()).as(response.body()).isEqualTo(201);
    }
  }
}
