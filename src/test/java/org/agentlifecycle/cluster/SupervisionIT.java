package org.agentlifecycle.cluster;

import static org.agentlifecycle.cluster.ResourceClient.retryWhileUnavailable;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Deadlines, progress, waiting and the desired state on two servers. */
class SupervisionIT extends TwoServersBase {
  private static final Set<String> FINAL = Set.of("completed", "failed", "killed");

  @BeforeEach
  void start() {
    useEmptyStore();
  }

  private ApiResponse register(String id, String more) {
    ApiResponse response =
        retryWhileUnavailable(() -> client(0).post("agents", agent(id, "task-1", more)));
    assertThat(response.status()).as(response.body()).isEqualTo(201);
    return response;
  }

  private ApiResponse run(String id, String more) {
    register(id, more);
    ApiResponse response = client(1).move(id, "running");
    assertThat(response.status()).as(response.body()).isEqualTo(200);
    return response;
  }

  private void awaitStatus(String id, String status) {
    await().atMost(TIMEOUT).until(() -> agentAt(1, id).path("status").asString().equals(status));
  }

  private JsonNode agentAt(int server, String id) {
    return client(server).get("agents/" + id).json();
  }

  private JsonNode session(String id) {
    return client(1).get("agents/" + id + "/session").json();
  }

  private ApiResponse put(int server, String id, String resource, String body) {
    return client(server).put("agents/" + id + "/" + resource, body);
  }

  private static Instant instant(JsonNode object, String member) {
    return Instant.parse(object.path(member).asString());
  }

  private List<JsonNode> history(String id) {
    return client(1).get("agents/" + id + "/transitions").items();
  }

  @Test
  void agentThatDoesNotStartFailsAtItsDeadline() {
    JsonNode agent = register("a-1", ",\"startTimeout\":\"PT1S\",\"runTimeout\":\"PT1H\"").json();
    Instant deadline = instant(agent, "startDeadline");
    assertThat(deadline).isEqualTo(instant(agent, "spawnedAt").plusSeconds(1));
    assertThat(agent.has("runDeadline")).isFalse();
    awaitStatus("a-1", "failed");
    JsonNode failed = agentAt(0, "a-1");
    assertThat(failed.path("error").asString()).isEqualTo("not started within PT1S");
    assertThat(instant(failed, "completedAt")).isAfterOrEqualTo(deadline);
    assertThat(failed.has("startDeadline")).isFalse();
    assertThat(history("a-1").get(1).path("actor").asString()).isEqualTo("deadline");
  }

  @Test
  void agentThatDoesNotFinishFailsAtItsDeadline() {
    JsonNode agent = run("a-1", ",\"startTimeout\":\"PT1H\",\"runTimeout\":\"PT1S\"").json();
    Instant deadline = instant(agent, "runDeadline");
    assertThat(deadline).isEqualTo(instant(agent, "startedAt").plusSeconds(1));
    assertThat(agent.has("startDeadline")).isFalse();
    awaitStatus("a-1", "failed");
    assertThat(agentAt(0, "a-1").path("error").asString()).isEqualTo("not finished within PT1S");
    ApiResponse late = client(0).move("a-1", "completed");
    assertThat(late.problem()).isEqualTo("illegal-transition");
  }

  @Test
  void agentWithoutNewProgressIsStalledAlthoughItSendsHeartbeats() {
    for (String id : List.of("busy", "stuck", "silent")) {
      run(id, ",\"lease\":\"PT1H\"");
    }
    register("spawning", "");
    String three = "{\"progress\":{\"current\":3,\"total\":10,\"message\":\"running tests\"}}";
    assertThat(put(0, "stuck", "heartbeat", three).status()).isEqualTo(200);
    Instant changed = instant(session("stuck"), "progressAt");
    pause(Duration.ofMillis(1_200));
    assertThat(put(1, "stuck", "heartbeat", three).status()).isEqualTo(200);
    assertThat(put(1, "silent", "heartbeat", "{}").status()).isEqualTo(200);
    put(0, "busy", "heartbeat", "{\"progress\":{\"current\":0.5}}");
    JsonNode session = session("stuck");
    assertThat(instant(session, "progressAt")).isEqualTo(changed);
    assertThat(session.path("progress").toString())
        .isEqualTo("{\"current\":3,\"total\":10,\"message\":\"running tests\"}");
    assertThat(session("busy").path("progress").toString()).isEqualTo("{\"current\":0.5}");
    assertThat(ids("agents?stalledFor=PT1S")).containsExactly("silent", "stuck");
    assertThat(ids("agents?stalledFor=PT0S&limit=1")).hasSize(1);
    assertThat(ids("agents?stalledFor=PT1H")).isEmpty();
    assertThat(agentAt(0, "stuck").path("version").asInt()).isEqualTo(2);
  }

  @Test
  void agentWaitsForSomebodyUntilItResumesOrEnds() {
    try (EventLog events = cluster.events()) {
      run("a-1", "");
      run("a-2", "");
      register("spawning", "");
      String approval =
          "{\"for\":\"approval\",\"note\":\"deploy?\",\"url\":\"https://ci.example/7\"}";
      assertThat(put(0, "a-1", "waiting", approval).status()).isEqualTo(204);
      assertThat(put(1, "a-1", "waiting", approval).status()).isEqualTo(204);
      assertThat(put(1, "a-2", "waiting", "{\"for\":\"input\"}").status()).isEqualTo(204);
      assertThat(put(0, "spawning", "waiting", approval).problem()).isEqualTo("agent-not-running");
      JsonNode waiting = session("a-1").path("waiting");
      assertThat(waiting.propertyNames()).containsExactly("for", "note", "url", "since");
      assertThat(ids("agents?waiting=true")).containsExactly("a-2", "a-1");
      assertThat(ids("agents?waiting=approval&status=running")).containsExactly("a-1");
      assertThat(ids("agents?waiting=other,authorization")).isEmpty();
      assertThat(stats(client(0), "waiting")).isEqualTo(2);

      assertThat(client(1).delete("agents/a-1/waiting").status()).isEqualTo(204);
      assertThat(client(0).delete("agents/a-1/waiting").status()).isEqualTo(204);
      assertThat(client(0).move("a-2", "completed").status()).isEqualTo(200);
      assertThat(put(0, "a-2", "waiting", approval).problem()).isEqualTo("agent-finished");
      assertThat(stats(client(1), "waiting")).isZero();
      assertThat(session("a-2").has("waiting")).isFalse();

      List<JsonNode> all = events.feed();
      assertThat(all)
          .extracting(event -> event.path("type").asString())
          .containsSubsequence(
              "agent.waiting", "agent.waiting", "agent.resumed", "agent.completed");
      assertThat(all).filteredOn(event -> event.has("waiting")).hasSize(2);
      assertThat(all)
          .filteredOn(event -> event.has("waiting"))
          .first()
          .satisfies(event -> assertThat(event.path("waiting")).isEqualTo(waiting));
      events.assertChannelEqualsFeed();
    }
  }

  @Test
  void runnerLearnsOfTheDesiredStateAndTheAgentIsKilledAtTheDeadline() {
    run("a-1", "");
    assertThat(client(0).heartbeat("a-1").json().has("desired")).isFalse();
    ApiResponse paused = put(1, "a-1", "desired", "{\"mode\":\"paused\",\"reason\":\"lunch\"}");
    assertThat(paused.status()).as(paused.body()).isEqualTo(200);
    assertThat(paused.json().propertyNames()).containsExactly("mode", "since", "reason");
    assertThat(client(0).heartbeat("a-1").json().path("desired")).isEqualTo(paused.json());
    assertThat(session("a-1").path("desired")).isEqualTo(paused.json());

    JsonNode stopped = put(0, "a-1", "desired", "{\"mode\":\"stopped\",\"grace\":\"PT1H\"}").json();
    JsonNode sooner = put(1, "a-1", "desired", "{\"mode\":\"stopped\",\"grace\":\"PT1S\"}").json();
    assertThat(instant(sooner, "deadline")).isBefore(instant(stopped, "deadline"));
    JsonNode later = put(0, "a-1", "desired", "{\"mode\":\"stopped\",\"grace\":\"PT1M\"}").json();
    assertThat(later).isEqualTo(sooner);
    assertThat(put(1, "a-1", "desired", "{\"mode\":\"running\"}").problem())
        .isIn("stop-requested", "agent-finished");
    awaitStatus("a-1", "killed");
    JsonNode last = history("a-1").get(2);
    assertThat(last.path("actor").asString()).isEqualTo("deadline");
    assertThat(last.path("reason").asString()).isEqualTo("not stopped in time");
    assertThat(instant(last, "at")).isAfterOrEqualTo(instant(sooner, "deadline"));
    assertThat(put(1, "a-1", "desired", "{\"mode\":\"paused\"}").problem())
        .isEqualTo("agent-finished");
  }

  @Test
  void killWithGraceIsDoneWhenAllItsAgentsHaveEnded() {
    for (String id : List.of("polite", "deaf", "other")) {
      run(id, id.equals("other") ? "" : ",\"labels\":{\"team\":\"red\"}");
    }
    ApiResponse started =
        client(0)
            .post(
                "kills",
                "{\"selector\":{\"labels\":{\"team\":\"red\"}},\"grace\":\"PT3S\",\"reason\":\"budget\"}");
    assertThat(started.status()).as(started.body()).isEqualTo(202);
    String killId = started.text("killId");
    await()
        .atMost(TIMEOUT)
        .until(() -> client(1).heartbeat("polite").json().path("desired").has("deadline"));
    assertThat(client(1).move("polite", "completed").status()).isEqualTo(200);
    await()
        .atMost(TIMEOUT)
        .until(() -> client(1).kill(killId).path("state").asString().equals("done"));
    JsonNode kill = client(0).kill(killId);
    assertThat(kill.path("matched").asInt()).isEqualTo(2);
    assertThat(kill.path("killed").asInt()).isEqualTo(2);
    assertThat(kill.path("alreadyFinished").asInt()).isZero();
    assertThat(instant(kill, "deadline")).isEqualTo(instant(kill, "startedAt").plusSeconds(3));
    JsonNode killed = history("deaf").get(2);
    assertThat(killed.path("actor").asString()).isEqualTo("deadline");
    assertThat(killed.path("reason").asString()).isEqualTo("budget");
    assertThat(client(1).heartbeat("deaf").text("killId")).isEqualTo(killId);
    assertThat(agentAt(1, "polite").path("status").asString()).isEqualTo("completed");
    assertThat(agentAt(1, "other").path("status").asString()).isEqualTo("running");
  }

  @Test
  void batchContainsTheCallsOfTheSupervision() {
    String calls =
        String.join(
            ",",
            "{\"register\":" + agent("a-1", "task-1", ",\"runTimeout\":\"PT1H\"") + "}",
            "{\"register\":"
                + agent("a-2", "task-1", ",\"parentId\":\"a-1\",\"onParentEnd\":\"kill\"")
                + "}",
            "{\"move\":{\"agentId\":\"a-1\",\"to\":\"running\"}}",
            "{\"waiting\":{\"agentId\":\"a-1\",\"for\":\"input\"}}",
            "{\"endWaiting\":{\"agentId\":\"a-1\"}}",
            "{\"desired\":{\"agentId\":\"a-1\",\"mode\":\"paused\"}}",
            "{\"heartbeat\":{\"agentId\":\"a-1\",\"progress\":{\"message\":\"half\"}}}",
            "{\"waiting\":{\"agentId\":\"a-2\",\"for\":\"other\"}}",
            "{\"register\":" + agent("a-3", "task-1", ",\"parentId\":\"none\"") + "}");
    String body = "{\"calls\":[" + calls + "]}";
    try (EventLog events = cluster.events()) {
      for (int server = 0; server < Cluster.SIZE; server++) {
        ApiResponse response = client(server).post("batches", body, KEY, "once");
        List<JsonNode> results = List.copyOf(response.json().path("results").values());
        assertThat(results)
            .extracting(result -> result.path("status").asInt())
            .containsExactly(201, 201, 200, 204, 204, 200, 200, 409, 409);
        assertThat(results.get(1).path("agent").path("rootId").asString()).isEqualTo("a-1");
        assertThat(results.get(2).path("agent").has("runDeadline")).isTrue();
        assertThat(results.get(5).path("desired").path("mode").asString()).isEqualTo("paused");
        assertThat(results.get(6).path("heartbeat").path("desired"))
            .isEqualTo(results.get(5).path("desired"));
        assertThat(results.get(7).path("problem").path("type").asString())
            .endsWith("agent-not-running");
        assertThat(results.get(8).path("problem").path("type").asString())
            .endsWith("parent-not-active");
      }
      assertThat(events.feed()).hasSize(6);
      events.assertChannelEqualsFeed();
    }
  }

  /**
   * Callers and sweeps of both servers compete: lease, deadline, stop, kill, transitions. The calls
   * for every second agent come about when its lease and its deadline expire.
   */
  @Test
  void agentsEndOnceWhateverEndsThem() {
    int agents = 100;
    int callers = 12;
    int lag = 40;
    String limits = ",\"lease\":\"PT1S\",\"runTimeout\":\"PT1S\"";
    Queue<ApiResponse> won = new ConcurrentLinkedQueue<>();
    try (EventLog events = cluster.events();
        ConcurrentCallers pool = new ConcurrentCallers(callers)) {
      pool.all(
          (agents + lag) * callers,
          call -> {
            int turn = call / callers;
            int caller = call % callers;
            if (caller == 0 && turn < agents) {
              register("a-" + turn, limits);
              client(turn).move("a-" + turn, "running");
            }
            int target = turn % 2 == 0 ? turn : turn - lag;
            if (target >= 0 && target < agents) {
              ApiResponse response = end("a-" + target, caller);
              if (response.status() == 200 && FINAL.contains(response.text("status"))) {
                won.add(response);
              }
            }
            return call;
          });
      await()
          .atMost(TIMEOUT)
          .until(() -> stats(client(1), "running") + stats(client(1), "spawning") == 0);
      Map<String, List<JsonNode>> ends =
          events.feed().stream()
              .filter(event -> FINAL.contains(event.path("to").asString()))
              .collect(Collectors.groupingBy(event -> event.path("agentId").asString()));
      assertThat(ends).hasSize(agents).allSatisfy((id, end) -> assertThat(end).hasSize(1));
      assertThat(won)
          .allSatisfy(
              response ->
                  assertThat(ends.get(response.text("agentId")).get(0).path("to").asString())
                      .isEqualTo(response.text("status")));
      assertThat(won)
          .extracting(response -> response.text("agentId"))
          .doesNotHaveDuplicates()
          .isNotEmpty();
      events.assertChannelEqualsFeed();
    }
  }

  private ApiResponse end(String id, int caller) {
    ResourceClient client = client(caller);
    return switch (caller % 4) {
      case 0 -> client.move(id, "completed");
      case 1 -> client.move(id, "killed");
      case 2 -> put(caller % 2, id, "desired", "{\"mode\":\"stopped\",\"grace\":\"PT0S\"}");
      default -> client.heartbeat(id);
    };
  }
}
