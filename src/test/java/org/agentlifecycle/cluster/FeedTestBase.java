package org.agentlifecycle.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;
import org.agentlifecycle.harness.EmbeddedStore;
import org.agentlifecycle.harness.ServerProcess;
import org.agentlifecycle.harness.TestStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import redis.clients.jedis.Jedis;
import tools.jackson.databind.JsonNode;

/** Base of the tests of the feed: two servers with a private store, started for each class. */
abstract class FeedTestBase {
  static final Duration TIMEOUT = Duration.ofSeconds(60);

  /** Time in which no unexpected event may arrive. */
  static final Duration QUIET_TIME = Duration.ofMillis(700);

  static final String NAMESPACE = TestStore.namespace("feed");

  static final String FEED = "{" + NAMESPACE + "}:feed";

  static final Map<String, String> CONFIG =
      Map.of("lifecycle.namespace", NAMESPACE, "lifecycle.session.cleanup-delay", "PT1H");

  static final AtomicInteger NAMES = new AtomicInteger();

  static EmbeddedStore store;

  static ServerProcess serverA;

  static ServerProcess serverB;

  static AgentClient clientA;

  @BeforeAll
  static void startServers() {
    store = EmbeddedStore.start("--appendonly", "yes");
    serverA = ServerProcess.launch(store.uri(), CONFIG);
    serverB = ServerProcess.launch(store.uri(), CONFIG);
    Stream.of(serverA, serverB).forEach(ServerProcess::awaitStarted);
    clientA = new AgentClient(serverA);
    runAgent("first", "task"); // the tests need a feed with events
  }

  @AfterAll
  static void endServers() {
    Stream.of(serverA, serverB).filter(Objects::nonNull).forEach(FeedTestBase::end);
    store.close();
  }

  static void end(ServerProcess server) {
    server.kill();
    server.close();
  }

  /** Asserts that the follower receives exactly these events. */
  static void assertReceives(SseClient follower, List<String> events) {
    awaitEvents(follower, events.size());
    await()
        .during(QUIET_TIME)
        .atMost(TIMEOUT)
        .untilAsserted(() -> assertThat(follower.data()).isEqualTo(events));
  }

  static void awaitEvents(SseClient follower, int count) {
    await().atMost(TIMEOUT).until(() -> follower.data().size() >= count);
  }

  static String name(String prefix) {
    return prefix + "-" + NAMES.incrementAndGet();
  }

  /** Registers, starts and fails an agent on server A, and ends its session: four events. */
  static String runAgent(String prefix, String task) {
    String agent = name(prefix);
    List<ApiResponse> responses =
        List.of(
            clientA.register(agent, task),
            clientA.move(agent, "running", "go"),
            clientA.move(agent, "failed", "over"),
            clientA.endSession(agent));
    assertThat(responses).extracting(ApiResponse::status).containsExactly(201, 200, 200, 204);
    return agent;
  }

  static String text(JsonNode json, String member) {
    return json.path(member).asString();
  }

  static <T> T valkey(Function<Jedis, T> call) {
    try (Jedis jedis = new Jedis(store.uri())) {
      return call.apply(jedis);
    }
  }

  /** Returns the id of the last event. */
  static String lastEventId() {
    return valkey(
        jedis ->
            jedis.xrevrange(FEED, "+", "-", 1).stream()
                .map(entry -> entry.getID().toString())
                .findFirst()
                .orElse("0"));
  }

  /** Returns the stored events after the id, as JSON. */
  static List<String> feedAfter(String id) {
    return valkey(
        jedis ->
            jedis.xrange(FEED, id.equals("0") ? "-" : "(" + id, "+").stream()
                .map(EventLog::json)
                .toList());
  }

  static ApiResponse page(ServerProcess server, String query) {
    return new ApiClient(server).send("GET", "api/v1/events?" + query, null);
  }
}
