package org.agentlifecycle.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import tools.jackson.databind.JsonNode;

/** Servers that are ended by {@code kill -9} while they process requests and sweeps. */
@TestMethodOrder(
    OrderAnnotation
        .class) // the second test needs only the server that the first test leaves running
class CrashIT {
  private static final int CLIENTS = 8;

  @Test
  @Order(1)
  void acknowledgedChangesSurviveServerCrash() {
    Cluster cluster = Cluster.empty();
    try (EventLog events = cluster.events()) {
      LoadGenerator load = new LoadGenerator(cluster.clients(), CLIENTS);
      try (load) {
        load.awaitAcknowledgements(500);
        cluster.server(0).kill();
        load.awaitAcknowledgements(500);
      }
      cluster.registerUnforwarded("left-behind");

      assertThat(load.unanswered()).as("calls in flight on the killed server").isNotEmpty();
      assertThat(load.rejected()).allMatch(ApiResponse::isStoreError);
      assertNothingIsMissing(load, events, cluster.client(1));
      events.assertChannelEqualsFeed();
    }
  }

  @Test
  @Order(2)
  void newServerCompletesPendingWorkOfLostServer() {
    Cluster cluster = Cluster.emptyWithOneServer();
    try (EventLog events = cluster.events()) {
      LoadGenerator load = new LoadGenerator(cluster.clients().subList(0, 1), CLIENTS);
      try (load) {
        load.awaitAcknowledgements(200);
        cluster.server(0).kill();
      }
      List<String> left = IntStream.range(0, 50).mapToObj(i -> "left-behind-" + i).toList();
      left.forEach(cluster::registerUnforwarded);

      cluster.start(1);

      assertNothingIsMissing(load, events, cluster.client(0));
      assertThat(events.transitions()).containsKeys(left.toArray(String[]::new));
      assertSessionsOfFinishedAgentsEndOnce(events, cluster.client(0));
      events.assertChannelEqualsFeed();
    }
  }

  /**
   * Asserts that the version of each agent is between the last acknowledged and the last requested
   * version, that the feed contains each transition, and that server and feed are consistent.
   */
  private static void assertNothingIsMissing(
      LoadGenerator load, EventLog events, AgentClient client) {
    Map<String, List<JsonNode>> transitions = events.transitions();
    Map<String, JsonNode> agents = new HashMap<>();
    AgentClient.listAll(List.of(client), "limit=1000&taskId=load")
        .forEach(a -> agents.put(a.path("agentId").asString(), a));

    assertThat(agents.keySet()).containsAll(load.acknowledged().keySet());
    assertThat(load.requested().keySet()).containsAll(agents.keySet());
    agents.forEach(
        (id, agent) -> {
          List<JsonNode> steps = transitions.get(id);
          assertThat(steps.size())
              .as(id)
              .isBetween(load.acknowledged().getOrDefault(id, 0), load.requested().get(id));
          assertThat(steps)
              .extracting(step -> step.path("version").asInt())
              .containsExactlyElementsOf(IntStream.rangeClosed(1, steps.size()).boxed().toList());
          assertThat(agent.path("version").asInt()).as(id).isEqualTo(steps.size());
          assertThat(agent.path("status")).as(id).isEqualTo(steps.get(steps.size() - 1).path("to"));
        });
    assertThat(transitions.keySet())
        .filteredOn(id -> id.startsWith("load-"))
        .containsExactlyInAnyOrderElementsOf(agents.keySet());
  }

  private static void assertSessionsOfFinishedAgentsEndOnce(EventLog events, AgentClient client) {
    List<String> finished =
        AgentClient.listAll(List.of(client), "limit=1000&status=completed").stream()
            .map(agent -> agent.path("agentId").asString())
            .toList();
    assertThat(finished).isNotEmpty();
    await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> client.stats().json().path("pendingCleanups").asInt() == 0);
    assertThat(events.cleanups())
        .extracting(event -> event.path("agentId").asString())
        .containsExactlyInAnyOrderElementsOf(finished);
  }
}
