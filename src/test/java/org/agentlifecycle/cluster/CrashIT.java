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

/** A server is killed with {@code kill -9} in the middle of its work, and nothing is missing. */
@TestMethodOrder(OrderAnnotation.class) // the second needs only the server that the first leaves
class CrashIT {
  private static final int CLIENTS = 8;

  @Test
  @Order(1)
  void acknowledgedChangesSurviveTheirServer() {
    Cluster cluster = Cluster.empty();
    try (EventLog events = cluster.events()) {
      LoadGenerator load = new LoadGenerator(cluster.clients(), CLIENTS);
      try (load) {
        load.proceed(500);
        cluster.server(0).kill();
        load.proceed(500);
      }
      cluster.registerUnforwarded("left-behind");

      assertThat(load.unanswered()).as("calls that the killed server had under way").isNotEmpty();
      assertThat(load.rejected()).allMatch(ApiResponse::isStoreError);
      assertNothingIsMissing(load, events, cluster.client(1));
      events.assertChannelEqualsFeed();
    }
  }

  @Test
  @Order(2)
  void newServerFinishesTheWorkOfALostServer() {
    Cluster cluster = Cluster.emptyWithOneServer();
    try (EventLog events = cluster.events()) {
      LoadGenerator load = new LoadGenerator(cluster.clients().subList(0, 1), CLIENTS);
      try (load) {
        load.proceed(200);
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
   * Each agent is at least where its client was told and at most where its client wanted it; the
   * feed holds each step of the way, and server and feed say the same.
   */
  private static void assertNothingIsMissing(LoadGenerator load, EventLog events, Client client) {
    Map<String, List<JsonNode>> transitions = events.transitions();
    Map<String, JsonNode> agents = new HashMap<>();
    Client.walk(List.of(client), "limit=1000&taskId=load")
        .forEach(a -> agents.put(a.path("agentId").asString(), a));

    assertThat(agents.keySet()).containsAll(load.acknowledged().keySet());
    assertThat(load.asked().keySet()).containsAll(agents.keySet());
    agents.forEach(
        (id, agent) -> {
          List<JsonNode> steps = transitions.get(id);
          assertThat(steps.size())
              .as(id)
              .isBetween(load.acknowledged().getOrDefault(id, 0), load.asked().get(id));
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

  private static void assertSessionsOfFinishedAgentsEndOnce(EventLog events, Client client) {
    List<String> finished =
        Client.walk(List.of(client), "limit=1000&status=completed").stream()
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
