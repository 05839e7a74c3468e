package org.agentlifecycle.cluster;

import static org.agentlifecycle.cluster.ResourceClient.retryWhileUnavailable;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import tools.jackson.databind.JsonNode;

/** Families of agents on two servers. */
@TestMethodOrder(OrderAnnotation.class) // the test that ends a server runs last
class FamilyIT extends TwoServersBase {
  private static final int DEPTH = 8;

  private ApiResponse spawn(int server, String id, String parent, String onParentEnd) {
    String more =
        parent == null
            ? ""
            : ",\"parentId\":\"" + parent + "\",\"onParentEnd\":\"" + onParentEnd + "\"";
    return retryWhileUnavailable(() -> client(server).post("agents", agent(id, "task-1", more)));
  }

  private String status(String id) {
    return client(1).get("agents/" + id).text("status");
  }

  @Test
  void childrenEndWithTheirParent() {
    useEmptyStore();
    try (EventLog events = cluster.events()) {
      assertThat(spawn(0, "root", null, "").json().path("depth").asInt()).isZero();
      JsonNode child = spawn(1, "child", "root", "kill").json();
      assertThat(child.path("parentId").asString()).isEqualTo("root");
      spawn(0, "grandchild", "child", "kill");
      spawn(1, "independent", "root", "continue");
      spawn(0, "of-independent", "independent", "kill");
      assertThat(ids("agents?parentId=root")).containsExactly("independent", "child");
      assertThat(ids("agents?rootId=root&status=spawning")).hasSize(5);
      assertThat(ids("agents?rootId=child")).isEmpty();

      client(1).move("root", "running");
      client(0).move("root", "completed");
      await().atMost(TIMEOUT).until(() -> status("grandchild").equals("killed"));
      assertThat(status("child")).isEqualTo("killed");
      assertThat(status("independent")).isEqualTo("spawning");
      assertThat(status("of-independent")).isEqualTo("spawning");
      assertThat(spawn(1, "late", "root", "continue").problem()).isEqualTo("parent-not-active");
      List<JsonNode> end = events.transitions().get("grandchild");
      assertThat(end.get(1).path("reason").asString()).isEqualTo("parent child killed");
      assertThat(end.get(1).path("actor").asString()).isEqualTo("parent");
      events.assertChannelEqualsFeed();
    }
  }

  /**
   * A tree of 1,000 agents grows while it is killed and while the server that received the kill is
   * ended.
   */
  @Test
  @Order(LAST)
  void killOfAGrowingTreeLeavesNoActiveAgentAfterTheEndOfAServer() throws Exception {
    useEmptyStore();
    int size = 1_000;
    ExecutorService pool = Executors.newFixedThreadPool(4);
    AtomicInteger last = new AtomicInteger(size);
    AtomicBoolean over = new AtomicBoolean();
    try (EventLog events = cluster.events()) {
      assertThat(spawn(0, "n-0", null, "").status()).isEqualTo(201);
      assertThat(spawn(0, "unrelated", null, "").status()).isEqualTo(201);
      growTo(size);
      for (int thread = 0; thread < 4; thread++) {
        int number = thread;
        pool.execute(() -> growUntil(over, new Random(number), last, number));
      }
      await().atMost(TIMEOUT).until(() -> last.get() > size + 50);
      ApiResponse started =
          retryWhileUnavailable(() -> client(0).post("kills", "{\"selector\":{\"tree\":\"n-0\"}}"));
      assertThat(started.status()).as(started.body()).isEqualTo(202);
      cluster.server(0).kill();
      String killId = started.text("killId");
      await()
          .atMost(TIMEOUT)
          .until(() -> client(1).kill(killId).path("state").asString().equals("done"));
      over.set(true);
      pool.shutdown();
      assertThat(pool.awaitTermination(1, TimeUnit.MINUTES)).isTrue();

      List<JsonNode> active = client(1).get("agents?status=spawning,running&limit=1000").items();
      assertThat(active)
          .extracting(agent -> agent.path("agentId").asString())
          .containsExactly("unrelated");
      JsonNode kill = client(1).kill(killId);
      int registered = client(1).get("stats").json().path("killed").asInt();
      assertThat(kill.path("killed").asInt()).isEqualTo(registered).isGreaterThan(size);
      Map<String, List<JsonNode>> transitions = events.transitions();
      assertThat(transitions).hasSize(registered + 1);
      events.assertChannelEqualsFeed();
    } finally {
      over.set(true);
      pool.shutdownNow();
    }
  }

  /** Registers a tree by batches: the parent of agent i is i / 2, as far as the depth permits. */
  private void growTo(int size) {
    for (int from = 1; from < size; from += 100) {
      StringBuilder calls = new StringBuilder();
      for (int i = from; i < Math.min(size, from + 100); i++) {
        calls
            .append(calls.isEmpty() ? "" : ",")
            .append("{\"register\":")
            .append(agent("n-" + i, "task-1", ",\"parentId\":\"n-" + parentOf(i) + "\""))
            .append("}");
      }
      ApiResponse response = client(0).post("batches", "{\"calls\":[" + calls + "]}");
      assertThat(response.json().path("results").values())
          .allSatisfy(result -> assertThat(result.path("status").asInt()).isEqualTo(201));
    }
  }

  private static int parentOf(int agent) {
    int parent = agent / 2;
    while (Integer.SIZE - Integer.numberOfLeadingZeros(parent) >= DEPTH) {
      parent /= 2;
    }
    return parent;
  }

  private void growUntil(AtomicBoolean over, Random random, AtomicInteger last, int server) {
    int target = server;
    while (!over.get()) {
      String parent = "n-" + random.nextInt(last.get());
      try {
        ApiResponse spawned = spawn(target, "n-" + last.incrementAndGet(), parent, "continue");
        if (spawned.problem().equals("parent-not-active") && status("n-0").equals("killed")) {
          pause(java.time.Duration.ofMillis(1));
        }
      } catch (UncheckedIOException dead) {
        target = 1;
      }
    }
  }
}
