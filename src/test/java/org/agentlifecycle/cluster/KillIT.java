package org.agentlifecycle.cluster;

import static java.util.stream.Collectors.toSet;
import static org.agentlifecycle.cluster.ResourceClient.retryWhileUnavailable;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.agentlifecycle.valkey.FunctionNames;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import tools.jackson.databind.JsonNode;

/** Bulk kills on two servers. */
@TestMethodOrder(OrderAnnotation.class) // tests that end a server run last
class KillIT extends TwoServersBase {
  @Test
  void killEndsAllMatchingAgents() {
    useEmptyStore();
    String red = ",\"labels\":{\"colour\":\"red\",\"size\":\"s\"}";
    assertThat(client(0).post("agents", agent("red-1", "t1", red)).status()).isEqualTo(201);
    assertThat(client(0).post("agents", agent("red-2", "t2", red)).status()).isEqualTo(201);
    for (String id : List.of("t1-spawning", "t1-running", "t1-done")) {
      assertThat(client(0).post("agents", agent(id, "t1", "")).status()).isEqualTo(201);
    }
    client(0).move("t1-running", "running");
    client(0).move("t1-done", "running");
    client(0).move("t1-done", "completed");

    ApiResponse dry = kill("{\"selector\":{\"all\":true},\"dryRun\":true}");
    assertThat(awaitDone(dry)).containsExactlyEntriesOf(counts(true, 4, 0, 0));
    assertThat(stats(client(0), "killed")).isZero();

    kill("{\"selector\":{\"taskId\":\"t1\",\"labels\":{\"colour\":\"red\",\"size\":\"m\"}}}", 0);
    kill("{\"selector\":{\"taskId\":\"t3\"}}", 0);
    kill("{\"selector\":{\"taskId\":\"t1\",\"status\":\"running\"}}", 1);
    assertThat(client(1).get("agents/t1-running").text("status")).isEqualTo("killed");
    kill("{\"selector\":{\"labels\":{\"colour\":\"red\"},\"taskId\":\"t2\"}}", 1);
    assertThat(client(1).get("agents/red-2").text("status")).isEqualTo("killed");
    kill("{\"selector\":{\"taskId\":\"t1\",\"status\":\"spawning\"}}", 2);
    assertThat(client(1).get("agents/t1-done").text("status")).isEqualTo("completed");
    retryWhileUnavailable(() -> client(0).post("agents", agent("last", "t4", "")));
    kill(ALL, 1);
    assertThat(client(1).get("agents/last").text("status")).isEqualTo("killed");
  }

  @Test
  void invalidSelectorAndUnknownKillAreRejected() {
    useEmptyStore();
    retryWhileUnavailable(() -> client(0).post("agents", agent("a-1", "t", "")));
    for (String body :
        List.of(
            "{}",
            "{\"selector\":{}}",
            "{\"selector\":null}",
            "{\"selector\":{\"all\":false}}",
            "{\"selector\":{\"labels\":{}}}",
            "{\"selector\":{\"taskId\":null}}",
            "{\"selector\":{\"status\":\"completed\"}}",
            "{\"selector\":{\"status\":\"nothing\"}}",
            "{\"selector\":{\"all\":true,\"task\":\"t\"}}")) {
      ApiResponse rejected = client(0).post("kills", body);
      assertThat(rejected.status()).as(body).isEqualTo(400);
      assertThat(rejected.problem()).isEqualTo("invalid-request");
    }
    assertThat(client(0).get("agents/a-1").text("status")).isEqualTo("spawning");
    ApiResponse unknown = client(0).get("kills/nothing");
    assertThat(unknown.status()).isEqualTo(404);
    assertThat(unknown.problem()).isEqualTo("kill-not-found");
  }

  @Test
  void killOfLostServerIsFinishedByOtherServer() {
    useEmptyStore();
    StoreFixture.register(cluster.valkey(), StoreFixture.ids("a-", 1000), "task", "");
    cluster
        .valkey()
        .fcall(
            FunctionNames.of("begin_kill"),
            List.of(Cluster.ROOT),
            List.of("left-behind", "task", "", "", "", "", "10", "", "", ""));

    assertThat(awaitDone("left-behind")).containsExactlyEntriesOf(counts(false, 1000, 1000, 0));
    assertThat(stats(client(0), "killed")).isEqualTo(1000);
  }

  @Test
  void killedAgentKeepsItsStatusAndSession() {
    useEmptyStore();
    try (EventLog events = cluster.events()) {
      for (String id : List.of("confirmed", "unconfirmed", "completed", "alive")) {
        retryWhileUnavailable(() -> client(0).post("agents", agent(id, "t", "")));
        client(0).move(id, "running");
      }
      client(0).move("completed", "completed");
      client(0).move("confirmed", "killed");
      client(1).move("unconfirmed", "killed");

      ApiResponse late = client(1).move("confirmed", "completed");
      assertThat(late.status()).isEqualTo(409);
      assertThat(late.problem()).isEqualTo("illegal-transition");
      assertThat(client(1).heartbeat("confirmed").text("agentStatus")).isEqualTo("killed");
      assertThat(ids("agents?sessionOpen=true&status=killed,completed"))
          .containsExactlyInAnyOrder("confirmed", "unconfirmed", "completed");
      assertThat(client(1).delete("agents/confirmed/session").status()).isEqualTo(204);
      assertThat(ids("agents?sessionOpen=true&status=killed")).containsExactly("unconfirmed");
      assertThat(ids("agents?sessionOpen=false&status=killed")).containsExactly("confirmed");
      awaitStats(client(1), "pendingCleanups", 0);

      assertThat(ids("agents?sessionOpen=true")).containsExactly("alive");
      Map<String, Boolean> confirmed =
          events.cleanups().stream()
              .collect(
                  Collectors.toMap(
                      event -> event.path("agentId").asString(),
                      event -> event.path("confirmed").asBoolean()));
      assertThat(confirmed)
          .isEqualTo(Map.of("confirmed", true, "unconfirmed", false, "completed", false));
    }
  }

  /** Starts a kill on one server and asserts the number of killed agents on the other server. */
  private void kill(String body, int matched) {
    assertThat(awaitDone(kill(body)))
        .as(body)
        .containsExactlyEntriesOf(counts(false, matched, matched, 0));
  }

  private ApiResponse kill(String body) {
    ApiResponse accepted = retryWhileUnavailable(() -> client(0).post("kills", body));
    assertThat(accepted.status()).as(accepted.body()).isEqualTo(202);
    assertThat(accepted.location()).isEqualTo("/api/v1/kills/" + accepted.text("killId"));
    return accepted;
  }

  @Test
  @Order(LAST)
  void killContinuesAfterItsServerEnds() throws Exception {
    useEmptyStore();
    ExecutorService pool = Executors.newFixedThreadPool(8);
    try (EventLog events = cluster.events()) {
      int count = 20_000;
      List<String> ids = StoreFixture.ids("a-", count);
      StoreFixture.register(cluster.valkey(), ids, "runaway", "");
      StoreFixture.start(cluster.valkey(), ids);
      List<String> shuffled = new ArrayList<>(ids);
      Collections.shuffle(shuffled, new Random(7));
      AtomicBoolean over = new AtomicBoolean();
      for (int thread = 0; thread < 8; thread++) {
        int number = thread;
        pool.execute(
            () -> {
              int server = number;
              for (int i = number; i < count && !over.get(); i += 8) {
                try {
                  client(server).move(shuffled.get(i), "completed");
                } catch (UncheckedIOException dead) {
                  server = 1;
                }
              }
            });
      }
      await().atMost(TIMEOUT).until(() -> stats(client(1), "completed") > 100);
      String id =
          kill("{\"selector\":{\"taskId\":\"runaway\"},\"reason\":\"it ran away\"}").text("killId");
      String record = Cluster.ROOT + ":kill:" + id;
      while (cluster.valkey().hget(record, "killed").equals("0")) {
        Thread.onSpinWait();
      }
      cluster.server(0).kill();
      StoreFixture.register(
          cluster.valkey(), StoreFixture.ids("later-", 100), "runaway", ""); // must stay active
      Map<String, Object> done = awaitDone(id);
      over.set(true);
      pool.shutdown();
      assertThat(pool.awaitTermination(1, TimeUnit.MINUTES)).isTrue();

      List<JsonNode> feed = events.feed();
      List<JsonNode> ends =
          feed.stream()
              .filter(event -> event.path("agentId").asString().startsWith("a-"))
              .filter(event -> List.of("completed", "killed").contains(event.path("to").asString()))
              .toList();
      assertThat(ends).hasSameSizeAs(ids);
      assertThat(ends.stream().map(event -> event.path("agentId").asString()).collect(toSet()))
          .isEqualTo(Set.copyOf(ids));
      String begun = cluster.valkey().hget(record, "at");
      List<String> order = feed.stream().map(event -> event.path("id").asString()).toList();
      Set<String> early = new HashSet<>(order.subList(0, order.indexOf(begun) + 1));
      List<JsonNode> completed = ends.stream().filter(KillIT::isCompleted).toList();
      int before =
          (int) completed.stream().filter(end -> early.contains(end.path("id").asString())).count();
      List<JsonNode> kills = ends.stream().filter(end -> !isCompleted(end)).toList();
      assertThat(kills)
          .isNotEmpty()
          .allMatch(end -> end.path("killId").asString().equals(id))
          .allMatch(end -> end.path("reason").asString().equals("it ran away"));
      assertThat(done)
          .containsExactlyEntriesOf(
              counts(false, count - before, kills.size(), completed.size() - before));
      assertThat(stats(client(1), "spawning")).isEqualTo(100);
      assertThat(client(1).heartbeat(kills.get(0).path("agentId").asString()).problem())
          .isEqualTo("agent-finished");
      events.assertChannelEqualsFeed();
    } finally {
      pool.shutdownNow();
    }
  }

  private static boolean isCompleted(JsonNode event) {
    return event.path("to").asString().equals("completed");
  }
}
