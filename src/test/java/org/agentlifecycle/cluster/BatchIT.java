package org.agentlifecycle.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Batches on two servers. */
class BatchIT extends TwoServersBase {
  private static final int CALLERS = 8;

  @BeforeEach
  void start() {
    useEmptyStore();
  }

  private ApiResponse batch(int server, List<String> calls, String... headers) {
    return client(server).post("batches", "{\"calls\":[" + String.join(",", calls) + "]}", headers);
  }

  /** Executes a batch and returns its results. */
  private List<JsonNode> results(int server, List<String> calls, String... headers) {
    ApiResponse response = batch(server, calls, headers);
    assertThat(response.status()).as(response.body()).isEqualTo(200);
    List<JsonNode> results = List.copyOf(response.json().path("results").values());
    assertThat(results).hasSameSizeAs(calls);
    return results;
  }

  private static List<Integer> statuses(List<JsonNode> results) {
    return results.stream().map(result -> result.path("status").asInt()).toList();
  }

  private static String register(String id) {
    return "{\"register\":" + agent(id, "task-1", "") + "}";
  }

  private static String move(String id, String to, String more) {
    return "{\"move\":{\"agentId\":\"" + id + "\",\"to\":\"" + to + "\"" + more + "}}";
  }

  private static String heartbeat(String id) {
    return "{\"heartbeat\":{\"agentId\":\"" + id + "\",\"lease\":\"PT1H\"}}";
  }

  private static String endSession(String id) {
    return "{\"endSession\":{\"agentId\":\"" + id + "\"}}";
  }

  private static List<String> forAgents(int count, IntFunction<String> call) {
    return IntStream.range(0, count).mapToObj(call).toList();
  }

  /** The largest batch has a body that is larger than that of any other request. */
  @Test
  void thousandLifecyclesAreExecuted() {
    String padding = ",\"metadata\":{\"text\":\"" + "x".repeat(3_000) + "\"}";
    List<String> calls =
        forAgents(1_000, i -> "{\"register\":" + agent("a-" + i, "task-1", padding) + "}");
    try (EventLog events = cluster.events()) {
      assertThat(statuses(results(0, calls))).containsOnly(201);
      assertThat(statuses(results(1, forAgents(1_000, i -> move("a-" + i, "running", "")))))
          .containsOnly(200);
      assertThat(statuses(results(0, forAgents(1_000, i -> heartbeat("a-" + i)))))
          .containsOnly(200);
      assertThat(statuses(results(1, forAgents(1_000, i -> move("a-" + i, "completed", "")))))
          .containsOnly(200);
      assertThat(statuses(results(0, forAgents(1_000, i -> endSession("a-" + i)))))
          .containsOnly(204);
      assertThat(stats(client(0), "completed")).isEqualTo(1_000);
      assertThat(stats(client(1), "openSessions")).isZero();
      events.assertChannelEqualsFeed();
    }
  }

  /** Each result has the status and the content of the single call. */
  @Test
  void resultsEqualTheResponsesOfSingleCalls() {
    List<String> calls =
        List.of(
            register("a-1"),
            register("a-1"),
            move("a-1", "completed", ""),
            move("a-1", "running", ",\"ifVersion\":7"),
            move("a-1", "running", ",\"ifVersion\":1"),
            heartbeat("a-1"),
            endSession("a-1"),
            move("a-1", "failed", ",\"error\":\"exit code 1\""),
            heartbeat("a-1"),
            endSession("a-1"),
            endSession("a-1"),
            move("none", "running", ""));
    List<JsonNode> results = results(0, calls);
    assertThat(statuses(results))
        .containsExactly(201, 409, 409, 412, 200, 200, 409, 200, 409, 204, 404, 404);
    assertThat(results)
        .extracting(
            result -> result.path("problem").path("type").asString().replaceFirst(".*:", ""))
        .containsExactly(
            "",
            "agent-exists",
            "illegal-transition",
            "precondition-failed",
            "",
            "",
            "agent-not-finished",
            "",
            "agent-finished",
            "",
            "session-not-found",
            "agent-not-found");
    assertThat(results.get(0).path("agent").path("status").asString()).isEqualTo("spawning");
    assertThat(results.get(5).path("heartbeat").has("leaseExpiresAt")).isTrue();
    assertThat(results.get(7).path("agent").path("error").asString()).isEqualTo("exit code 1");
    assertThat(results.get(9).propertyNames()).containsExactly("status");
    assertThat(results.get(11).path("problem")).isEqualTo(client(1).move("none", "running").json());
    assertThat(results.get(8).path("problem")).isEqualTo(client(1).heartbeat("a-1").json());
  }

  @Test
  void malformedBatchExecutesNoCall() {
    List<String> calls = new ArrayList<>(forAgents(100, i -> register("a-" + i)));
    calls.add(move("a-0", "gone", ""));
    ApiResponse response = batch(0, calls);
    assertThat(response.status()).isEqualTo(400);
    assertThat(response.problem()).isEqualTo("invalid-request");
    assertThat(response.json().path("errors").get(0).path("field").asString())
        .isEqualTo("calls[100].move.to");
    assertThat(ids("agents")).isEmpty();
  }

  @Test
  void bodyLongerThanFourMebibytesIsRejected() {
    ApiResponse response =
        client(0).post("batches", "{\"calls\":[" + register("a-1") + " ".repeat(4 << 20) + "]}");
    assertThat(response.status()).isEqualTo(413);
    assertThat(response.problem()).isEqualTo("content-too-large");
    assertThat(ids("agents")).isEmpty();
  }

  @Test
  void oneOfManyBatchesWinsEachAgent() {
    int agents = 120;
    List<String> ends = List.of("failed", "killed");
    try (EventLog events = cluster.events();
        ConcurrentCallers callers = new ConcurrentCallers(CALLERS)) {
      results(0, forAgents(agents, i -> register("a-" + i)));
      List<List<Integer>> statuses =
          callers.concurrently(
              caller -> {
                String to = ends.get(caller % ends.size());
                String error = to.equals("failed") ? ",\"error\":\"e\"" : "";
                List<String> calls =
                    new ArrayList<>(forAgents(agents, i -> move("a-" + i, to, error)));
                if (caller % 3 == 0) {
                  Collections.reverse(calls);
                }
                List<Integer> ordered = new ArrayList<>(statuses(results(caller, calls)));
                if (caller % 3 == 0) {
                  Collections.reverse(ordered);
                }
                return ordered;
              });
      for (int agent = 0; agent < agents; agent++) {
        int number = agent;
        assertThat(statuses.stream().map(results -> results.get(number)))
            .as("agent " + agent)
            .containsOnlyOnce(200)
            .allMatch(status -> status == 200 || status == 409);
      }
      assertThat(events.transitions()).allSatisfy((id, steps) -> assertThat(steps).hasSize(2));
      events.assertChannelEqualsFeed();
    }
  }

  /** A registration without an id gets the same id from every repetition. */
  @Test
  void repeatedBatchTakesEffectOnce() {
    List<String> calls = new ArrayList<>(forAgents(60, i -> register("a-" + i)));
    calls.add("{\"register\":{\"taskId\":\"t\"}}");
    calls.add(move("a-0", "killed", ""));
    calls.add(endSession("a-0"));
    try (EventLog events = cluster.events();
        ConcurrentCallers callers = new ConcurrentCallers(CALLERS)) {
      List<List<JsonNode>> all =
          callers.concurrently(caller -> results(caller, calls, KEY, "batch"));
      assertThat(all).allMatch(all.get(0)::equals);
      assertThat(statuses(all.get(0)).subList(0, 62))
          .containsOnly(201, 200)
          .filteredOn(status -> status == 200)
          .hasSize(1);
      assertThat(all.get(0).get(62).path("status").asInt()).isEqualTo(204);
      assertThat(ids("agents?limit=1000")).hasSize(61);

      List<String> changed = new ArrayList<>(calls);
      changed.set(1, register("other"));
      List<JsonNode> reused = results(0, changed, KEY, "batch");
      assertThat(reused.get(1).path("problem").path("type").asString())
          .endsWith(":idempotency-key-reused");
      reused = new ArrayList<>(reused);
      reused.set(1, all.get(0).get(1));
      assertThat(reused).isEqualTo(all.get(0));
      assertThat(client(0).post("agents", agent("single", "t", ""), KEY, "batch").status())
          .as("a single call with the same key is another call")
          .isEqualTo(201);
      events.assertChannelEqualsFeed();
    }
  }
}
