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

/** Many callers want the same, and one gets it, whichever server it asked. */
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
    List<Client> clients = cluster.clients().subList(0, servers);
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
        assertLife(steps);
        undecided += assertOneWon(steps.get(2), agent, rounds.get(agent));
        assertHistoryEqualsFeed(clients.get(agent % servers), id(agent), steps);
      }
      assertThat(undecided).as("who was sent away in passing").isLessThan(agents / 10);
      events.assertChannelEqualsFeed();
    }
  }

  @Test
  void oneOfManyRegistrationsOfAnIdSucceeds() {
    Cluster cluster = Cluster.empty();
    List<Client> clients = cluster.clients();
    try (EventLog events = cluster.events();
        ConcurrentCallers callers = new ConcurrentCallers(CALLERS)) {
      for (int agent = 0; agent < 50; agent++) {
        String id = id(agent);
        List<ApiResponse> answers =
            callers.concurrently(
                caller -> clients.get(caller % clients.size()).register(id, "task-" + caller));

        assertThat(answers).filteredOn(ApiResponse::isSuccess).hasSize(1);
        assertThat(answers)
            .filteredOn(answer -> !answer.isSuccess())
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

  private static ApiResponse run(Client client, String id) {
    assertThat(client.register(id, "race").status()).isEqualTo(201);
    ApiResponse running = client.move(id, "running", "runner");
    assertThat(running.status()).isEqualTo(200);
    return running;
  }

  /** From its registration to its one end, without a gap. */
  private static void assertLife(List<JsonNode> steps) {
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
   * The feed says who won; the callers must have heard the same.
   *
   * @return how many heard neither yes nor no, because the machine was too busy for the store
   */
  private static int assertOneWon(JsonNode end, int agent, List<ApiResponse> answers) {
    String to = end.path("to").asString();
    int undecided = 0;
    for (int caller = 0; caller < CALLERS; caller++) {
      ApiResponse answer = answers.get(caller);
      boolean won = end.path("reason").asString().equals("caller-" + caller);
      if (answer.isStoreError()) {
        undecided++;
        assertThat(answer.status()).isEqualTo(won ? 504 : answer.status());
      } else if (won) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.text("status")).isEqualTo(to);
        assertThat(answer.json().path("version").asLong()).isEqualTo(3);
      } else {
        assertThat(answer.status()).as(answer.body()).isEqualTo(409);
        assertThat(answer.problem()).isEqualTo("illegal-transition");
        assertThat(answer.text("from")).isEqualTo(to);
        assertThat(answer.text("to")).isEqualTo(ENDS.get((caller + agent) % ENDS.size()));
        assertThat(answer.json().path("allowed").values()).isEmpty();
      }
    }
    return undecided;
  }

  private static void assertHistoryEqualsFeed(Client client, String id, List<JsonNode> steps) {
    List<JsonNode> history = client.history(id).items();
    assertThat(history).hasSameSizeAs(steps);
    for (int i = 0; i < steps.size(); i++) {
      JsonNode told = history.get(i);
      JsonNode event = steps.get(i);
      assertThat(told.path("eventId")).isEqualTo(event.path("id"));
      assertThat(told.path("at")).isEqualTo(event.path("timestamp"));
      for (String member : List.of("version", "from", "to", "reason", "error")) {
        assertThat(told.path(member)).as(member).isEqualTo(event.path(member));
      }
    }
  }
}
