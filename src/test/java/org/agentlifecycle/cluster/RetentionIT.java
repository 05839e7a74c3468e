package org.agentlifecycle.cluster;

import static org.agentlifecycle.cluster.ResourceClient.retryWhileUnavailable;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.agentlifecycle.harness.EmbeddedStore;
import org.agentlifecycle.harness.ServerProcess;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClient;

/** Retention on a server whose agents, kills and idempotency records expire within seconds. */
class RetentionIT extends TwoServersBase {
  private static EmbeddedStore shortStore;
  private static ServerProcess shortServer;

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

  @Test
  @Order(LAST - 2)
  void nothingRemainsInTheStoreAfterTheRetention() {
    shortServer.awaitStarted();
    ResourceClient client = new ResourceClient(shortServer);
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
          .atMost(TIMEOUT)
          .untilAsserted(
              () -> assertThat(valkey.keys("*")).hasSizeLessThanOrEqualTo(constant.size()));
      assertThat(constant).containsAll(valkey.keys("*"));
      // the feed is trimmed after all events were published
      await().atMost(TIMEOUT).until(() -> valkey.xlen(Cluster.ROOT + ":feed") < 400);
      assertThat(client.get("agents/a-0").status()).isEqualTo(404);
      assertThat(client.get("agents/a-0/session").status()).isEqualTo(404);
      assertThat(client.get("agents/a-0/transitions").status()).isEqualTo(404);
      assertThat(client.get("kills/" + kill.text("killId")).status()).isEqualTo(404);
      for (String query : List.of("", "?taskId=t-0", "?label=n:1", "?status=completed,killed")) {
        assertThat(client.get("agents" + query).json().path("items")).as(query).isEmpty();
      }
      assertThat(client.get("stats").json().values()).allMatch(count -> count.asInt() == 0);
      // an id may be registered again, and an entity tag of the purged agent does not match
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

  /**
   * Runs an agent through its lifecycle and creates every record that the store keeps for an agent.
   */
  private static ApiResponse live(ResourceClient client, int i) {
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
}
