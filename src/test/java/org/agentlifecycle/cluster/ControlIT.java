package org.agentlifecycle.cluster;

import static java.util.stream.Collectors.toSet;
import static org.agentlifecycle.cluster.ControlClient.retryWhileUnavailable;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.agentlifecycle.harness.EmbeddedStore;
import org.agentlifecycle.harness.ServerProcess;
import org.agentlifecycle.valkey.FunctionNames;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.BuilderFactory;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.CommandObject;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.RedisClient;
import tools.jackson.databind.JsonNode;

/** Two servers: leases, kills, admission, retries, retention. */
@TestMethodOrder(OrderAnnotation.class) // what kills a server comes last
class ControlIT {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final int LAST = Integer.MAX_VALUE;
  private static final String KEY = "Idempotency-Key";
  private static final String ALL = "{\"selector\":{\"all\":true}}";

  private static EmbeddedStore shortStore;
  private static ServerProcess shortServer;

  private Cluster cluster;
  private List<ControlClient> clients;

  @BeforeAll
  static void start() {
    shortStore = EmbeddedStore.start();
    shortServer =
        ServerProcess.launch(
            shortStore.uri(),
            Map.of(
                "lifecycle.namespace", Cluster.NAMESPACE,
                "lifecycle.lease.sweep-every", "PT0.2S",
                "lifecycle.session.cleanup-delay", "PT0.5S",
                "lifecycle.idempotency.retention", "PT2S",
                "lifecycle.feed.max-events", "100",
                "lifecycle.retention", "PT2S"));
    Cluster.empty();
  }

  @AfterAll
  static void stop() {
    shortServer.kill();
    shortServer.close();
    shortStore.close();
  }

  private void useEmptyStore() {
    cluster = Cluster.empty();
    clients = List.of(new ControlClient(cluster.server(0)), new ControlClient(cluster.server(1)));
  }

  private ControlClient client(int caller) {
    return clients.get(caller % clients.size());
  }

  // Leases

  @Test
  void aLeaseThatRunsOutWhileAServerIsFrozenFailsItsAgentOnceAndNoneThatBeats() {
    useEmptyStore();
    List<String> silent = StoreFixture.ids("silent-", 1000);
    List<String> beating = StoreFixture.ids("beating-", 100);
    try (EventLog events = cluster.events()) {
      StoreFixture.register(cluster.valkey(), beating, "leased", "8000");
      StoreFixture.register(cluster.valkey(), silent, "leased", "4000");
      cluster.server(0).pause();
      try (Beats beats = new Beats(clients.get(1), beating)) {
        awaitStats(clients.get(1), "failed", silent.size());
        beats.awaitRound();
        cluster.server(0).resume();
        beats.awaitRound(); // the server that was frozen finds nothing that is left to fail
        beats.awaitRound();
      } finally {
        cluster.server(0).resume();
      }

      assertExpiredOnce(events, silent);
      assertThat(stats(clients.get(0), "spawning")).isEqualTo(beating.size());
      ApiResponse late = clients.get(0).heartbeat(silent.get(0));
      assertThat(late.status()).isEqualTo(409);
      assertThat(late.problem()).isEqualTo("agent-finished");
      assertThat(late.text("agentStatus")).isEqualTo("failed");
      events.assertChannelEqualsFeed();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void afterAnOutageEveryLeaseIsRenewedOnceAndAgentsThatBeatThenLive(boolean ofTheStore) {
    useEmptyStore();
    List<String> silent = StoreFixture.ids("silent-", 100);
    List<String> beating = StoreFixture.ids("beating-", 50);
    Duration lease = Duration.ofSeconds(5);
    try (EventLog events = cluster.events()) {
      StoreFixture.register(cluster.valkey(), silent, "leased", "5000");
      StoreFixture.register(cluster.valkey(), beating, "leased", "5000");
      Instant over = outage(ofTheStore, lease.plusSeconds(2));
      try (Beats beats = new Beats(clients.get(0), beating)) {
        beats.awaitRound();
        awaitStats(clients.get(1), "failed", silent.size());
        beats.awaitRound();
      }

      Map<String, JsonNode> expired = assertExpiredOnce(events, silent);
      assertThat(expired.values())
          .allSatisfy(event -> assertThat(at(event)).isAfterOrEqualTo(over.plus(lease)));
      assertThat(stats(clients.get(1), "spawning")).isEqualTo(beating.size());
    }
  }

  /** Returns a time at which it was not yet over. */
  private Instant outage(boolean ofTheStore, Duration length) {
    if (ofTheStore) {
      Instant begin = Instant.now();
      cluster
          .valkey()
          .executeCommand(
              new CommandObject<>(
                  new CommandArguments(Protocol.Command.CLIENT)
                      .add("PAUSE")
                      .add(length.toMillis())
                      .add("ALL"),
                  BuilderFactory.STRING));
      pause(length);
      return begin.plus(length).minusMillis(1);
    }
    cluster.server(0).pause();
    cluster.server(1).pause();
    pause(length);
    Instant over = Instant.now().minusMillis(1);
    cluster.server(0).resume();
    cluster.server(1).resume();
    return over;
  }

  @Test
  void aHeartbeatRenewsTheLeaseAndTheSessionShowsIt() {
    useEmptyStore();
    retryWhileUnavailable(() -> client(0).post("agents", agent("a-1", "t", ",\"lease\":\"PT1H\"")));
    for (String body : new String[] {null, "{}", "{\"lease\":null}"}) {
      ApiResponse beat = client(0).put("agents/a-1/heartbeat", body);
      assertThat(beat.status()).as(beat.body()).isEqualTo(200);
      assertThat(beat.json().propertyNames())
          .containsExactly("agentId", "status", "leaseExpiresAt");
      assertThat(beat.text("agentId")).isEqualTo("a-1");
      assertThat(beat.text("status")).isEqualTo("spawning");
      assertLease("a-1", beat, Duration.ofHours(1));
    }
    assertLease(
        "a-1", client(1).put("agents/a-1/heartbeat", "{\"lease\":\"PT2H\"}"), Duration.ofHours(2));
    assertLease("a-1", client(0).heartbeat("a-1"), Duration.ofHours(2));
    ApiResponse before = client(0).get("agents/a-1/session");
    client(1).move("a-1", "running");
    ApiResponse after = client(0).get("agents/a-1/session");
    assertThat(Instant.parse(after.text("leaseExpiresAt")))
        .isAfterOrEqualTo(Instant.parse(before.text("leaseExpiresAt")));

    retryWhileUnavailable(() -> client(0).post("agents", agent("unleased", "t", "")));
    assertThat(client(1).heartbeat("unleased").json().propertyNames())
        .containsExactly("agentId", "status");
    ApiResponse unleased = client(0).get("agents/unleased/session");
    assertThat(unleased.json().has("lastHeartbeatAt")).isTrue();
    assertThat(unleased.json().has("leaseExpiresAt")).isFalse();
  }

  private void assertLease(String id, ApiResponse beat, Duration lease) {
    assertThat(beat.status()).as(beat.body()).isEqualTo(200);
    ApiResponse session = client(1).get("agents/" + id + "/session");
    assertThat(session.text("leaseExpiresAt")).isEqualTo(beat.text("leaseExpiresAt"));
    assertThat(Instant.parse(session.text("lastHeartbeatAt")).plus(lease))
        .isEqualTo(beat.text("leaseExpiresAt"));
  }

  @Test
  void aHeartbeatThatCannotBeTakenSaysWhy() {
    useEmptyStore();
    retryWhileUnavailable(() -> client(0).post("agents", agent("a-1", "t", "")));
    for (String lease : List.of("\"soon\"", "5", "\"PT0S\"", "\"-PT5S\"", "\"P9999D\"", "\"\"")) {
      ApiResponse refused = client(0).put("agents/a-1/heartbeat", "{\"lease\":" + lease + "}");
      assertThat(refused.status()).as(lease).isEqualTo(400);
      assertThat(refused.json().path("errors").path(0).path("field").asString()).isEqualTo("lease");
    }
    assertThat(client(0).put("agents/a-1/heartbeat", "{\"leese\":\"PT5S\"}").status())
        .isEqualTo(400);
    assertThat(client(0).get("agents/a-1/session").json().has("lastHeartbeatAt")).isFalse();
    ApiResponse unknown = client(0).heartbeat("nobody");
    assertThat(unknown.status()).isEqualTo(404);
    assertThat(unknown.problem()).isEqualTo("agent-not-found");
  }

  /** The feed fails exactly these, each once, with the error of an expiry. */
  private static Map<String, JsonNode> assertExpiredOnce(EventLog events, List<String> ids) {
    Map<String, JsonNode> expired = new HashMap<>();
    for (JsonNode event : events.feed()) {
      if (event.path("type").asString().equals("agent.failed")) {
        assertThat(expired.put(event.path("agentId").asString(), event)).isNull();
        assertThat(event.path("error").asString()).startsWith("lease expired");
      }
    }
    assertThat(expired).containsOnlyKeys(ids);
    return expired;
  }

  // KillService

  @Test
  void aKillTakesWhatItsSelectorSelects() {
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
  void aKillThatSelectsNothingOrIsUnknownIsRefused() {
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
      ApiResponse refused = client(0).post("kills", body);
      assertThat(refused.status()).as(body).isEqualTo(400);
      assertThat(refused.problem()).isEqualTo("invalid-request");
    }
    assertThat(client(0).get("agents/a-1").text("status")).isEqualTo("spawning");
    ApiResponse unknown = client(0).get("kills/nothing");
    assertThat(unknown.status()).isEqualTo(404);
    assertThat(unknown.problem()).isEqualTo("kill-not-found");
  }

  @Test
  void aKillWhoseServerDiedAtOnceIsFinishedByTheOthers() {
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
  void aKilledAgentStaysKilledAndItsSessionTellsWhetherTheProcessIsGone() {
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

  private List<String> ids(String listing) {
    return client(0).get(listing).json().path("items").values().stream()
        .map(agent -> agent.path("agentId").asString())
        .toList();
  }

  /** Asks one server, and the other one says that so many were killed. */
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

  private Map<String, Object> awaitDone(ApiResponse accepted) {
    return awaitDone(accepted.text("killId"));
  }

  private Map<String, Object> awaitDone(String killId) {
    await()
        .atMost(PATIENCE)
        .until(() -> client(1).kill(killId).path("state").asString().equals("done"));
    JsonNode kill = client(1).kill(killId);
    assertThat(kill.propertyNames())
        .containsExactly(
            "killId",
            "state",
            "dryRun",
            "matched",
            "killed",
            "alreadyFinished",
            "startedAt",
            "finishedAt");
    assertThat(Instant.parse(kill.path("finishedAt").asString()))
        .isAfterOrEqualTo(kill.path("startedAt").asString());
    return counts(
        kill.path("dryRun").asBoolean(),
        kill.path("matched").asInt(),
        kill.path("killed").asInt(),
        kill.path("alreadyFinished").asInt());
  }

  private static Map<String, Object> counts(boolean dry, int matched, int killed, int finished) {
    Map<String, Object> counts = new LinkedHashMap<>();
    counts.put("dryRun", dry);
    counts.put("matched", matched);
    counts.put("killed", killed);
    counts.put("alreadyFinished", finished);
    return counts;
  }

  // Admission

  @Test
  void parallelSpawnsOnTwoServersGetExactlyThePlacesThereAre() {
    useEmptyStore();
    admit(0, "{\"open\":true,\"maxActive\":50}");
    try (ConcurrentCallers callers = new ConcurrentCallers(200)) {
      List<ApiResponse> replies =
          callers.concurrently(
              caller ->
                  retryWhileUnavailable(
                      () -> client(caller).post("agents", agent("a-" + caller, "t", ""))));
      assertThat(replies).filteredOn(answer -> answer.status() == 201).hasSize(50);
      assertThat(replies)
          .filteredOn(answer -> answer.status() != 201)
          .hasSize(150)
          .allMatch(answer -> answer.status() == 429)
          .allMatch(answer -> answer.retryAfter().matches("[1-9][0-9]*"))
          .extracting(ApiResponse::problem)
          .containsOnly("admission-limit");
    }
    List<String> active = ids("agents?status=spawning&limit=1000");
    assertThat(active).hasSize(50);
    client(0).move(active.get(0), "killed");
    client(1).move(active.get(1), "running"); // still active
    assertThat(client(1).post("agents", agent("b-1", "t", "")).status()).isEqualTo(201);
    assertThat(client(0).post("agents", agent("b-2", "t", "")).status()).isEqualTo(429);
    client(1).move(active.get(1), "completed");
    assertThat(client(0).post("agents", agent("b-3", "t", "")).status()).isEqualTo(201);
    assertThat(client(1).post("agents", agent("b-4", "t", "")).status()).isEqualTo(429);
  }

  @Test
  void whatOneServerIsToldOfAdmissionTheOtherObeysAtOnce() {
    useEmptyStore();
    assertThat(client(1).get("admission").body()).isEqualTo("{\"open\":true,\"maxActive\":0}\n");
    for (int i = 0; i < 20; i++) {
      String id = "a-" + i;
      admit(i, "{\"open\":false,\"maxActive\":7}");
      assertThat(client(i + 1).get("admission").body())
          .isEqualTo("{\"open\":false,\"maxActive\":7}\n");
      ApiResponse closed = client(i + 1).post("agents", agent(id, "t", ""));
      assertThat(closed.status()).isEqualTo(409);
      assertThat(closed.problem()).isEqualTo("admission-closed");
      assertThat(closed.retryAfter()).isEmpty();
      admit(i, "{\"open\":true,\"maxActive\":0}");
      assertThat(client(i + 1).post("agents", agent(id, "t", "")).status()).isEqualTo(201);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"open\":true}",
        "{\"maxActive\":5}",
        "{\"open\":null,\"maxActive\":5}",
        "{\"open\":true,\"maxActive\":-1}",
        "{\"open\":true,\"maxActive\":1.5}",
        "{\"open\":\"true\",\"maxActive\":5}",
        "{\"open\":true,\"maxActive\":5,\"max\":5}"
      })
  void anAdmissionThatSaysTooLittleOrTooMuchIsRefused(String body) {
    useEmptyStore();
    ApiResponse refused = client(0).put("admission", body);
    assertThat(refused.status()).as(refused.body()).isEqualTo(400);
    assertThat(client(1).get("admission").body()).isEqualTo("{\"open\":true,\"maxActive\":0}\n");
  }

  private void admit(int server, String body) {
    ApiResponse admitted = retryWhileUnavailable(() -> client(server).put("admission", body));
    assertThat(admitted.status()).as(admitted.body()).isEqualTo(200);
    assertThat(admitted.body()).isEqualTo(body + "\n");
  }

  // Retries

  @Test
  void parallelCallsWithOneKeyActOnceAndGetTheSameAnswer() {
    useEmptyStore();
    try (EventLog events = cluster.events();
        ConcurrentCallers callers = new ConcurrentCallers(16)) {
      String body = "{\"taskId\":\"t\",\"labels\":{\"a\":\"ä\"},\"metadata\":{\"n\":1.50}}";
      ApiResponse spawned = same(callers, i -> client(i).post("agents", body, KEY, "spawn"));
      assertThat(spawned.status()).isEqualTo(201);
      assertThat(spawned.etag()).endsWith("-1\"");
      String id = spawned.text("agentId");
      assertThat(spawned.location()).isEqualTo("/api/v1/agents/" + id);
      assertThat(ids("agents")).containsExactly(id);

      ApiResponse moved = same(callers, i -> client(i).move(id, "running", KEY, "run"));
      assertThat(moved.status()).isEqualTo(200);
      assertThat(moved.etag()).isEqualTo(spawned.etag().replace("-1\"", "-2\""));
      client(0).move(id, "completed");
      assertThat(client(1).move(id, "running", KEY, "run")).isEqualTo(moved);
      assertThat(client(1).post("agents", body, KEY, "spawn")).isEqualTo(spawned);

      ApiResponse kill = same(callers, i -> client(i).post("kills", ALL, KEY, "kill"));
      assertThat(kill.status()).isEqualTo(202);
      awaitDone(kill);
      retryWhileUnavailable(() -> client(0).post("agents", agent("later", "t", "")));
      assertThat(client(0).post("kills", ALL, KEY, "kill")).isEqualTo(kill);
      assertThat(client(0).get("agents/later").text("status")).isEqualTo("spawning");
      assertThat(cluster.valkey().keys(Cluster.ROOT + ":kill:*")).hasSize(1);
      assertThat(events.transitions().get(id)).hasSize(3);
      events.assertChannelEqualsFeed();
    }
  }

  private static ApiResponse same(ConcurrentCallers callers, IntFunction<ApiResponse> call) {
    List<ApiResponse> replies =
        callers.concurrently(caller -> retryWhileUnavailable(() -> call.apply(caller)));
    assertThat(replies).allMatch(replies.get(0)::equals, "as the first");
    return replies.get(0);
  }

  @Test
  void aKeyBelongsToOneCallAndARefusalDoesNotTakeIt() {
    useEmptyStore();
    for (int i = 0; i < 3; i++) {
      assertThat(client(i).move("a-1", "running", KEY, "early").status()).isEqualTo(404);
      admit(0, "{\"open\":false,\"maxActive\":0}");
      assertThat(client(i).post("agents", agent("a-1", "t", ""), KEY, "k").problem())
          .isEqualTo("admission-closed");
    }
    admit(0, "{\"open\":true,\"maxActive\":0}");
    assertThat(client(0).post("agents", agent("a-1", "t", ""), KEY, "k").status()).isEqualTo(201);
    assertThat(client(1).post("agents", agent("a-1", "t", "")).status()).isEqualTo(409);
    assertThat(client(1).move("a-1", "running", KEY, "early").status()).isEqualTo(200);
    retryWhileUnavailable(() -> client(0).post("agents", agent("a-2", "t", "")));

    List<ApiResponse> reused =
        List.of(
            client(1).post("agents", agent("a-3", "t", ""), KEY, "k"),
            client(1).move("a-1", "completed", KEY, "early"),
            client(0).move("a-2", "running", KEY, "early"),
            client(0).post("kills", ALL, KEY, "k"),
            client(1).post("kills", "{\"x\":\"running\"}", KEY, "k"));
    assertThat(reused.subList(0, 4)).allMatch(answer -> answer.status() == 422);
    assertThat(reused.subList(0, 4))
        .extracting(ApiResponse::problem)
        .containsOnly("idempotency-key-reused");
    assertThat(reused.get(4).status()).isEqualTo(400);
    assertThat(client(0).get("agents/a-3").status()).isEqualTo(404);
    assertThat(client(0).get("agents/a-2").text("status")).isEqualTo("spawning");
    assertThat(client(0).get("agents/a-1").text("status")).isEqualTo("running");
  }

  @Test
  void aKeyThatIsNoneIsRefused() {
    useEmptyStore();
    for (String key : List.of("", "x".repeat(129), "two words", "x".repeat(200))) {
      ApiResponse refused = client(0).post("agents", agent("a-1", "t", ""), KEY, key);
      assertThat(refused.status()).as(key).isEqualTo(400);
      assertThat(refused.json().path("errors").path(0).path("field").asString()).isEqualTo(KEY);
    }
    assertThat(client(0).post("agents", agent("a-1", "t", ""), KEY, "one", KEY, "two").status())
        .isEqualTo(400);
    assertThat(client(0).get("agents/a-1").status()).isEqualTo(404);
    assertThat(client(0).post("agents", agent("a-1", "t", ""), KEY, "x".repeat(128)).status())
        .isEqualTo(201);
  }

  // Retention

  @Test
  @Order(LAST - 2)
  void nothingIsLeftOfWholeLivesAfterTheirRetention() {
    shortServer.awaitStarted();
    ControlClient client = new ControlClient(shortServer);
    List<String> constant =
        Stream.of("seq", "feed", "forwarded", "swept", "grace")
            .map((Cluster.ROOT + ":")::concat)
            .toList();
    try (RedisClient valkey = RedisClient.create(shortStore.uri());
        ConcurrentCallers callers = new ConcurrentCallers(8)) {
      callers.all(400, i -> live(client, i));
      for (int batch = 0; batch < 20; batch++) {
        List<String> ids = StoreFixture.ids("batch-" + batch + "-", 1000);
        StoreFixture.register(valkey, ids, "t-" + batch, "30000");
        StoreFixture.start(valkey, ids);
        StoreFixture.complete(valkey, ids);
      }
      ApiResponse former =
          retryWhileUnavailable(() -> client.post("agents", agent("stays", "other", "")));
      ApiResponse kill = client.post("kills", "{\"selector\":{\"taskId\":\"t-0\"}}", KEY, "kill");
      assertThat(kill.status()).isEqualTo(202);
      client.move("stays", "killed");

      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> assertThat(valkey.keys("*")).hasSizeLessThanOrEqualTo(constant.size()));
      assertThat(constant).containsAll(valkey.keys("*"));
      assertThat(valkey.xlen(Cluster.ROOT + ":feed")).isLessThan(400);
      assertThat(client.get("agents/a-0").status()).isEqualTo(404);
      assertThat(client.get("agents/a-0/session").status()).isEqualTo(404);
      assertThat(client.get("agents/a-0/transitions").status()).isEqualTo(404);
      assertThat(client.get("kills/" + kill.text("killId")).status()).isEqualTo(404);
      for (String query : List.of("", "?taskId=t-0", "?label=n:1", "?status=completed,killed")) {
        assertThat(client.get("agents" + query).json().path("items")).as(query).isEmpty();
      }
      assertThat(client.get("stats").json().values()).allMatch(count -> count.asInt() == 0);
      // an id may come again, and a tag of its former life matches nothing
      ApiResponse current = client.post("agents", agent("stays", "other", ""));
      assertThat(current.text("version")).isEqualTo(former.text("version"));
      assertThat(client.get("agents/stays", "If-None-Match", former.etag()).status())
          .isEqualTo(200);
      assertThat(client.move("stays", "running", "If-Match", former.etag()).status())
          .isEqualTo(412);
      assertThat(client.move("stays", "running", "If-Match", current.etag()).status())
          .isEqualTo(200);
      assertThat(client.post("agents", agent("a-0", "t", "")).text("version")).isEqualTo("1");
    }
  }

  /** A life with everything that the store may keep of one. */
  private static ApiResponse live(ControlClient client, int i) {
    String id = "a-" + i;
    String more =
        ",\"labels\":{\"n\":\""
            + i % 7
            + "\",\"own\":\""
            + i
            + "\"},\"metadata\":{\"m\":1},"
            + "\"session\":{\"pid\":1},\"lease\":\"PT30S\"";
    retryWhileUnavailable(
        () -> client.post("agents", agent(id, "t-" + i % 5, more), KEY, "spawn-" + i));
    retryWhileUnavailable(() -> client.move(id, "running", KEY, "run-" + i));
    retryWhileUnavailable(() -> client.heartbeat(id));
    ApiResponse last =
        retryWhileUnavailable(() -> client.move(id, i % 2 == 0 ? "completed" : "killed"));
    assertThat(last.status()).as(last.body()).isEqualTo(200);
    if (i % 3 == 0) {
      retryWhileUnavailable(() -> client.delete("agents/" + id + "/session"));
    }
    return last;
  }

  // A server dies

  @Test
  @Order(LAST - 1)
  void callsInFlightAtTheDeathOfTheirServerAreRetriedWithTheirKeysAndActOnce() throws Exception {
    useEmptyStore();
    try (EventLog events = cluster.events()) {
      retryCallsInFlight(events);
    }
  }

  private void retryCallsInFlight(EventLog events) throws InterruptedException {
    int threads = 64;
    List<String> ids = StoreFixture.ids("a-", threads * 40);
    StoreFixture.register(cluster.valkey(), ids, "moved", "");
    admit(0, "{\"open\":true,\"maxActive\":" + ids.size() * 2 + "}");
    Map<String, ApiResponse> told = new ConcurrentHashMap<>();
    Queue<String> unheard = new ConcurrentLinkedQueue<>();
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    for (int thread = 0; thread < threads; thread++) {
      List<String> mine = ids.subList(thread * 40, thread * 40 + 40);
      pool.execute(
          () -> {
            for (String id : mine) {
              try {
                told.put("move-" + id, retryWhileUnavailable(() -> keyedMove(client(0), id)));
                told.put("spawn-" + id, retryWhileUnavailable(() -> keyedSpawn(client(0), id)));
              } catch (UncheckedIOException silence) {
                unheard.add(id);
                return;
              }
            }
          });
    }
    await().atMost(PATIENCE).until(() -> told.size() > 500);
    cluster.server(0).kill();
    pool.shutdown();
    assertThat(pool.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
    assertThat(unheard).as("calls in flight").isNotEmpty();

    try (ConcurrentCallers callers = new ConcurrentCallers(8)) {
      callers.all(
          ids.size(),
          i -> {
            String id = ids.get(i);
            ApiResponse moved = retryWhileUnavailable(() -> keyedMove(client(1), id));
            ApiResponse spawned = retryWhileUnavailable(() -> keyedSpawn(client(1), id));
            assertThat(moved.status()).as(moved.body()).isEqualTo(200);
            assertThat(spawned.status()).as(spawned.body()).isEqualTo(201);
            assertSame(told.get("move-" + id), moved);
            assertSame(told.get("spawn-" + id), spawned);
            return id;
          });

      Map<String, List<JsonNode>> transitions = events.transitions();
      assertThat(transitions).hasSize(2 * ids.size());
      transitions.forEach(
          (id, steps) -> {
            boolean isMoved = steps.get(0).path("taskId").asString().equals("moved");
            assertThat(steps)
                .as(id)
                .extracting(step -> step.path("to").asString())
                .containsExactlyElementsOf(
                    isMoved ? List.of("spawning", "running") : List.of("spawning"));
          });
      assertThat(stats(client(1), "spawning")).isEqualTo(ids.size());
      assertThat(stats(client(1), "running")).isEqualTo(ids.size());
      // no place has leaked
      assertThat(client(1).post("agents", agent("full", "t", "")).status()).isEqualTo(429);
      client(1).move(ids.get(0), "completed");
      assertThat(client(1).post("agents", agent("place", "t", "")).status()).isEqualTo(201);
      events.assertChannelEqualsFeed();
    }
  }

  private static ApiResponse keyedMove(ControlClient client, String id) {
    return client.move(id, "running", KEY, "move-" + id);
  }

  private static ApiResponse keyedSpawn(ControlClient client, String id) {
    return client.post("agents", "{\"taskId\":\"spawned\"}", KEY, "spawn-" + id);
  }

  /** What was told before is told again, if it was a success. */
  private static void assertSame(ApiResponse before, ApiResponse again) {
    if (before != null && before.status() < 300) {
      assertThat(again).isEqualTo(before);
    }
  }

  @Test
  @Order(LAST)
  void aKillOutlivesItsServerWhileAgentsCompleteAndEachHasOneEnd() throws Exception {
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
      await().atMost(PATIENCE).until(() -> stats(client(1), "completed") > 100);
      String id =
          kill("{\"selector\":{\"taskId\":\"runaway\"},\"reason\":\"it ran away\"}").text("killId");
      String record = Cluster.ROOT + ":kill:" + id;
      while (cluster.valkey().hget(record, "killed").equals("0")) {
        Thread.onSpinWait();
      }
      cluster.server(0).kill();
      StoreFixture.register(
          cluster.valkey(), StoreFixture.ids("later-", 100), "runaway", ""); // is spared
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
      List<JsonNode> completed = ends.stream().filter(ControlIT::isCompleted).toList();
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

  // All of them

  /** Beats for some agents, round after round. */
  private static final class Beats implements AutoCloseable {
    private static final int THREADS = 4;
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    private final Map<Integer, Integer> rounds = new ConcurrentHashMap<>();
    private final Queue<ApiResponse> refusals = new ConcurrentLinkedQueue<>();
    private volatile boolean over;

    Beats(ControlClient client, List<String> ids) {
      for (int thread = 0; thread < THREADS; thread++) {
        int number = thread;
        threads.execute(
            () -> {
              while (!over) {
                for (int i = number; i < ids.size(); i += THREADS) {
                  String id = ids.get(i);
                  ApiResponse answer = retryWhileUnavailable(() -> client.heartbeat(id));
                  if (answer.status() != 200 && answer.status() != 504) {
                    refusals.add(answer);
                  }
                }
                rounds.merge(number, 1, Integer::sum);
              }
            });
      }
    }

    /** Each agent has beaten once more, and after this was called. */
    void awaitRound() {
      Map<Integer, Integer> now = new HashMap<>(rounds);
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  IntStream.range(0, THREADS)
                      .allMatch(
                          thread ->
                              rounds.getOrDefault(thread, 0) >= now.getOrDefault(thread, 0) + 2));
    }

    @Override
    public void close() {
      over = true;
      threads.shutdown();
      try {
        assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
      assertThat(refusals).isEmpty();
    }
  }

  private static String agent(String id, String task, String more) {
    return "{\"agentId\":\"" + id + "\",\"taskId\":\"" + task + "\"" + more + "}";
  }

  private static int stats(ControlClient client, String name) {
    return client.get("stats").json().path(name).asInt();
  }

  private static void awaitStats(ControlClient client, String name, int count) {
    await().atMost(PATIENCE).until(() -> stats(client, name) == count);
  }

  private static Instant at(JsonNode event) {
    return Instant.parse(event.path("timestamp").asString());
  }

  private static void pause(Duration length) {
    try {
      Thread.sleep(length.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
