package org.agentlifecycle.cluster;

import static org.agentlifecycle.cluster.ResourceClient.retryWhileUnavailable;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.BuilderFactory;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.CommandObject;
import redis.clients.jedis.Protocol;
import tools.jackson.databind.JsonNode;

/** Leases and heartbeats on two servers. */
class LeaseIT extends TwoServersBase {
  @Test
  void expiredLeaseFailsAgentOnceWhileAServerIsPaused() {
    useEmptyStore();
    List<String> silent = StoreFixture.ids("silent-", 1000);
    List<String> beating = StoreFixture.ids("beating-", 100);
    try (EventLog events = cluster.events()) {
      StoreFixture.register(cluster.valkey(), beating, "leased", "8000");
      StoreFixture.register(cluster.valkey(), silent, "leased", "4000");
      cluster.server(0).pause();
      try (Heartbeats heartbeats = new Heartbeats(clients.get(1), beating)) {
        awaitStats(clients.get(1), "failed", silent.size());
        heartbeats.awaitRound();
        cluster.server(0).resume();
        heartbeats.awaitRound(); // the paused server finds no expired lease after it is resumed
        heartbeats.awaitRound();
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
  void outageExtendsEveryLeaseOnce(boolean ofTheStore) {
    useEmptyStore();
    List<String> silent = StoreFixture.ids("silent-", 100);
    List<String> beating = StoreFixture.ids("beating-", 50);
    Duration lease = Duration.ofSeconds(5);
    try (EventLog events = cluster.events()) {
      StoreFixture.register(cluster.valkey(), silent, "leased", "5000");
      StoreFixture.register(cluster.valkey(), beating, "leased", "5000");
      Instant over = outage(ofTheStore, lease.plusSeconds(2));
      try (Heartbeats heartbeats = new Heartbeats(clients.get(0), beating)) {
        heartbeats.awaitRound();
        awaitStats(clients.get(1), "failed", silent.size());
        heartbeats.awaitRound();
      }

      Map<String, JsonNode> expired = assertExpiredOnce(events, silent);
      assertThat(expired.values())
          .allSatisfy(event -> assertThat(at(event)).isAfterOrEqualTo(over.plus(lease)));
      assertThat(stats(clients.get(1), "spawning")).isEqualTo(beating.size());
    }
  }

  /** Pauses the store or both servers and returns a time before the end of the outage. */
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
  void heartbeatRenewsTheLeaseOfTheSession() {
    useEmptyStore();
    retryWhileUnavailable(() -> client(0).post("agents", agent("a-1", "t", ",\"lease\":\"PT1H\"")));
    for (String body : new String[] {null, "{}", "{\"lease\":null}"}) {
      ApiResponse heartbeat = client(0).put("agents/a-1/heartbeat", body);
      assertThat(heartbeat.status()).as(heartbeat.body()).isEqualTo(200);
      assertThat(heartbeat.json().propertyNames())
          .containsExactly("agentId", "status", "leaseExpiresAt");
      assertThat(heartbeat.text("agentId")).isEqualTo("a-1");
      assertThat(heartbeat.text("status")).isEqualTo("spawning");
      assertLease("a-1", heartbeat, Duration.ofHours(1));
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

  private void assertLease(String id, ApiResponse heartbeat, Duration lease) {
    assertThat(heartbeat.status()).as(heartbeat.body()).isEqualTo(200);
    ApiResponse session = client(1).get("agents/" + id + "/session");
    assertThat(session.text("leaseExpiresAt")).isEqualTo(heartbeat.text("leaseExpiresAt"));
    assertThat(Instant.parse(session.text("lastHeartbeatAt")).plus(lease))
        .isEqualTo(heartbeat.text("leaseExpiresAt"));
  }

  @Test
  void rejectedHeartbeatReturnsTheReason() {
    useEmptyStore();
    retryWhileUnavailable(() -> client(0).post("agents", agent("a-1", "t", "")));
    for (String lease : List.of("\"soon\"", "5", "\"PT0S\"", "\"-PT5S\"", "\"P9999D\"", "\"\"")) {
      ApiResponse rejected = client(0).put("agents/a-1/heartbeat", "{\"lease\":" + lease + "}");
      assertThat(rejected.status()).as(lease).isEqualTo(400);
      assertThat(rejected.json().path("errors").path(0).path("field").asString())
          .isEqualTo("lease");
    }
    assertThat(client(0).put("agents/a-1/heartbeat", "{\"leese\":\"PT5S\"}").status())
        .isEqualTo(400);
    assertThat(client(0).get("agents/a-1/session").json().has("lastHeartbeatAt")).isFalse();
    ApiResponse unknown = client(0).heartbeat("unknown");
    assertThat(unknown.status()).isEqualTo(404);
    assertThat(unknown.problem()).isEqualTo("agent-not-found");
  }

  /** Asserts that exactly these agents failed, each once, with the error of a lease expiry. */
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
}
