package org.agentlifecycle.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Session cleanup by two servers. */
class CleanupIT {
  private static final int CALLERS = 8;

  @BeforeAll
  static void start() {
    Cluster.empty();
  }

  @Test
  void cleanupEndsEachSessionOnceAfterItsDelay() {
    Cluster cluster = Cluster.empty();
    List<AgentClient> clients = cluster.clients();
    List<String> ids = ids("finished-", 200);
    try (EventLog events = cluster.events();
        ConcurrentCallers callers = new ConcurrentCallers(CALLERS)) {
      callers.all(ids.size(), i -> finish(clients.get(i % clients.size()), ids.get(i)));
      awaitNothingPending(clients.get(0));

      assertThat(clients.get(1).stats().json().path("openSessions").asInt()).isZero();
      Map<String, JsonNode> cleanups = cleanups(events);
      assertThat(cleanups).containsOnlyKeys(ids);
      Map<String, List<JsonNode>> transitions = events.transitions();
      cleanups.forEach(
          (id, cleanup) -> {
            assertThat(cleanup.path("confirmed").asBoolean()).isFalse();
            assertThat(at(cleanup))
                .isAfterOrEqualTo(at(transitions.get(id).get(1)).plus(Cluster.CLEANUP_DELAY));
          });
      events.assertChannelEqualsFeed();
    }
  }

  @Test
  void confirmedSessionEndsOnceWithoutCleanup() {
    Cluster cluster = Cluster.empty();
    List<AgentClient> clients = cluster.clients();
    List<String> ids = ids("confirmed-", 20);
    try (EventLog events = cluster.events();
        ConcurrentCallers callers = new ConcurrentCallers(CALLERS)) {
      for (String id : ids) {
        finish(clients.get(0), id);
        List<ApiResponse> responses =
            callers.concurrently(caller -> clients.get(caller % clients.size()).endSession(id));
        assertThat(responses).filteredOn(ApiResponse::isSuccess).hasSize(1);
        assertThat(responses)
            .filteredOn(response -> !response.isSuccess())
            .extracting(ApiResponse::problem)
            .containsOnly("session-not-found");
      }
      // the agent that was finished last is cleaned up last, so that the others are due by then
      finish(clients.get(0), "unconfirmed");
      awaitNothingPending(clients.get(0));

      Map<String, JsonNode> cleanups = cleanups(events);
      assertThat(cleanups.remove("unconfirmed").path("confirmed").asBoolean()).isFalse();
      assertThat(cleanups).containsOnlyKeys(ids);
      assertThat(cleanups.values()).allMatch(cleanup -> cleanup.path("confirmed").asBoolean());
      events.assertChannelEqualsFeed();
    }
  }

  private static List<String> ids(String prefix, int count) {
    return IntStream.range(0, count).mapToObj(i -> prefix + i).toList();
  }

  private static ApiResponse finish(AgentClient client, String id) {
    assertThat(client.register(id, "cleanup").status()).isEqualTo(201);
    ApiResponse finished = client.move(id, "killed", "over");
    assertThat(finished.status()).as(finished.body()).isEqualTo(200);
    return finished;
  }

  private static void awaitNothingPending(AgentClient client) {
    await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> client.stats().json().path("pendingCleanups").asInt() == 0);
  }

  /** Returns the events by agent id; two events of one agent are a failure. */
  private static Map<String, JsonNode> cleanups(EventLog events) {
    return events.cleanups().stream()
        .collect(Collectors.toMap(event -> event.path("agentId").asString(), Function.identity()));
  }

  private static Instant at(JsonNode event) {
    return Instant.parse(event.path("timestamp").asString());
  }
}
