package org.agentlifecycle.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Concurrent requests for the same agent on both servers: exactly one succeeds. */
class RaceIT {
  private static final int CALLERS = 12;
  private static final List<String> ENDS = List.of("completed", "failed", "killed");

  @BeforeAll
  static void start() {
    Cluster.empty();
  }

  @ParameterizedTest(name = "{0} server(s), {1} agents")
  @CsvSource({"2, 200", "1, 50"})
  void oneOfManyFinalTransitionsSucceeds(int servers, int agents) {
    Cluster cluster = Cluster.empty();
    List<AgentClient> clients = cluster.clients().subList(0, servers);
    List<List<ApiResponse>> rounds = new ArrayList<>();
    try (EventLog events = cluster.events();
        ConcurrentCallers callers = new ConcurrentCallers(CALLERS)) {
      callers.all(agents, agent -> run(clients.get(agent % servers), id(agent)));
      for (int agent = 0; agent < agents; agent++) {
        String id = id(agent);
        int round = agent;
        rounds.add(
            callers.concurrently(
                caller ->
                    clients
                        .get(caller % servers)
                        .move(id, ENDS.get((caller + round) % ENDS.size()), "caller-" + caller)));
      }

      Map<String, List<JsonNode>> transitions = events.transitions();
      assertThat(transitions).hasSize(agents);
      int undecided = 0;
      for (int agent = 0; agent < agents; agent++) {
        List<JsonNode> steps = transitions.get(id(agent));
        assertTransitions(steps);
        undecided += assertOneSucceeded(steps.get(2), agent, rounds.get(agent));
        assertHistoryEqualsFeed(clients.get(agent % servers), id(agent), steps);
      }
      assertThat(undecided).as("callers with a store error").isLessThan(agents / 10);
      events.assertChannelEqualsFeed();
    }
  }

  @Test
  void oneOfManyRegistrationsOfAnIdSucceeds() {
    Cluster cluster = Cluster.empty();
    List<AgentClient> clients = cluster.clients();
    try (EventLog events = cluster.events();
        ConcurrentCallers callers = new ConcurrentCallers(CALLERS)) {
      for (int agent = 0; agent < 50; agent++) {
        String id = id(agent);
        List<ApiResponse> responses =
            callers.concurrently(
                caller -> clients.get(caller % clients.size()).register(id, "task-" + caller));

        assertThat(responses).filteredOn(ApiResponse::isSuccess).hasSize(1);
        assertThat(responses)
            .filteredOn(response -> !response.isSuccess())
            .extracting(ApiResponse::problem)
            .containsOnly("agent-exists");
      }
      assertThat(events.transitions()).hasSize(50).allSatisfy((id, e) -> assertThat(e).hasSize(1));
      events.assertChannelEqualsFeed();
    }
  }

  private static String id(int agent) {
    return "race-" + agent;
  }

  private static ApiResponse run(AgentClient client, String id) {
    assertThat(client.register(id, "race").status()).isEqualTo(201);
    ApiResponse running = client.move(id, "running", "runner");
    assertThat(running.status()).isEqualTo(200);
    return running;
  }

  /** Asserts the transitions of one agent: registered, started and finished once. */
  private static void assertTransitions(List<JsonNode> steps) {
    assertThat(steps).extracting(step -> step.path("version").asLong()).containsExactly(1L, 2L, 3L);
    assertThat(steps)
        .extracting(step -> step.path("from").asString())
        .containsExactly("", "spawning", "running");
    assertThat(steps)
        .extracting(step -> step.path("to").asString())
        .startsWith("spawning", "running")
        .last()
        .isIn(ENDS);
  }

  /**
   * Asserts that only the caller whose transition is in the feed received a success.
   *
   * @return number of callers with a store error, because the machine was too busy
   */
  private static int assertOneSucceeded(JsonNode end, int agent, List<ApiResponse> responses) {
    String to = end.path("to").asString();
    int undecided = 0;
    for (int caller = 0; caller < CALLERS; caller++) {
      ApiResponse response = responses.get(caller);
      boolean won = end.path("reason").asString().equals("caller-" + caller);
      if (response.isStoreError()) {
        undecided++;
        assertThat(response.status()).isEqualTo(won ? 504 : response.status());
      } else if (won) {
        assertThat(response.status()).as(response.body()).isEqualTo(200);
        assertThat(response.text("status")).isEqualTo(to);
        assertThat(response.json().path("version").asLong()).isEqualTo(3);
      } else {
        assertThat(response.status()).as(response.body()).isEqualTo(409);
        assertThat(response.problem()).isEqualTo("illegal-transition");
        assertThat(response.text("from")).isEqualTo(to);
        assertThat(response.text("to")).isEqualTo(ENDS.get((caller + agent) % ENDS.size()));
        assertThat(response.json().path("allowed").values()).isEmpty();
      }
    }
    return undecided;
  }

  private static void assertHistoryEqualsFeed(AgentClient client, String id, List<JsonNode> steps) {
    List<JsonNode> history = client.history(id).items();
    assertThat(history).hasSameSizeAs(steps);
    for (int i = 0; i < steps.size(); i++) {
      JsonNode item = history.get(i);
      JsonNode event = steps.get(i);
      assertThat(item.path("eventId")).isEqualTo(event.path("id"));
      assertThat(item.path("at")).isEqualTo(event.path("timestamp"));
      for (String member : List.of("version", "from", "to", "reason", "error")) {
        assertThat(item.path(member)).as(member).isEqualTo(event.path(member));
      }
    }
  }
}
