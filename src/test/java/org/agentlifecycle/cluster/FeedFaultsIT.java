package org.agentlifecycle.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.agentlifecycle.harness.ServerProcess;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.args.ClientType;
import redis.clients.jedis.params.ClientKillParams;
import redis.clients.jedis.params.ClientKillParams.SkipMe;

/** Followers during faults of the store, at the limit of followers and at the stop of a server. */
@TestMethodOrder(OrderAnnotation.class)
class FeedFaultsIT extends FeedTestBase {
  private static final int MAX_FOLLOWERS = 3;

  private static final int LAST = Integer.MAX_VALUE;

  private static ServerProcess small;

  @BeforeAll
  static void startSmallServer() {
    Map<String, String> config = new HashMap<>(CONFIG);
    config.put("lifecycle.feed.max-followers", Integer.toString(MAX_FOLLOWERS));
    small = ServerProcess.start(store.uri(), config);
  }

  @AfterAll
  static void endSmallServer() {
    if (small != null) {
      end(small);
    }
  }

  @Test
  void followersAreLimitedAndADisconnectFreesASlot() {
    List<SseClient> followers = new ArrayList<>();
    try {
      for (int i = 0; i < MAX_FOLLOWERS; i++) {
        followers.add(SseClient.open(small, ""));
        assertThat(followers.get(i).status()).isEqualTo(200);
      }
      try (SseClient rejected = SseClient.open(small, "")) {
        assertThat(rejected.status()).isEqualTo(503);
        assertThat(rejected.header("Retry-After")).matches("[0-9]+");
        await()
            .atMost(TIMEOUT)
            .until(() -> rejected.rejection().contains("urn:problem-type:too-many-followers"));
      }

      followers.remove(0).close();

      followers.add(openWhenSlotIsFree(""));
    } finally {
      followers.forEach(SseClient::close);
    }
  }

  @Test
  @Order(LAST - 1) // the store clients reconnect after this test
  void followersMissNothingDuringFaultsOfTheStore() {
    String start = lastEventId();
    try (SseClient onA = SseClient.open(serverA, "");
        SseClient onB = SseClient.open(serverB, "")) {
      try (LoadGenerator load = new LoadGenerator(List.of(clientA, new AgentClient(serverB)), 4)) {
        load.awaitAcknowledgements(100);
        for (int i = 0; i < 3; i++) {
          valkey(
              jedis ->
                  jedis.clientKill(
                      new ClientKillParams().type(ClientType.NORMAL).skipMe(SkipMe.YES)));
          load.awaitAcknowledgements(50);
          valkey(jedis -> jedis.functionFlush());
          load.awaitAcknowledgements(50);
        }
        store.kill();
        store.restart();
        load.awaitAcknowledgements(100);
      }
      List<String> feed = feedAfter(start);
      for (SseClient follower : List.of(onA, onB)) {
        awaitEvents(follower, feed.size());
        assertThat(follower.data()).isEqualTo(feed);
        assertThat(follower.messages()).noneMatch(message -> "gap".equals(message.event()));
        assertThat(follower.isOpen()).isTrue();
      }
    }
  }

  @Test
  @Order(LAST - 1)
  void replacedFeedIsOneGapForConnectedFollowers() {
    runAgent("lost", "task");
    try (SseClient onA = SseClient.open(serverA, "");
        SseClient onB = SseClient.open(serverB, "agentId=none")) {
      runAgent("lost", "task");
      awaitEvents(onA, 4);
      String lost = lastEventId();
      valkey(Jedis::flushAll);
      runAgent("new", "task");
      List<String> left = feedAfter("0");
      awaitEvents(onA, 8);
      assertThat(onA.data().subList(4, 8)).isEqualTo(left);
      for (SseClient follower : List.of(onA, onB)) {
        await()
            .atMost(TIMEOUT)
            .until(() -> follower.messages().stream().anyMatch(m -> "gap".equals(m.event())));
        assertThat(follower.messages())
            .filteredOn(message -> "gap".equals(message.event()))
            .hasSize(1)
            .allSatisfy(
                message ->
                    assertThat(message.json().path("oldest"))
                        .isEqualTo(ApiResponse.JSON.readTree(left.get(0)).path("id")));
      }
      assertThat(lost).isNotEqualTo(lastEventId());
    }
  }

  @Test
  @Order(LAST) // ends a server
  void stoppingServerEndsItsStreams() throws InterruptedException {
    await().atMost(TIMEOUT).until(() -> new AgentClient(small).health("ready").status() == 200);
    try (SseClient live = openWhenSlotIsFree("");
        SseClient idle = openWhenSlotIsFree("agentId=nobody")) {
      runAgent("last", "task");
      awaitEvents(live, 4);

      long begin = System.nanoTime();
      small.terminate();
      small.await();

      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(25));
      for (SseClient follower : List.of(live, idle)) {
        await().atMost(TIMEOUT).until(() -> !follower.isOpen());
        assertThat(follower.endedInOrder()).isTrue();
        assertThat(follower.messages().get(follower.messages().size() - 1).fields())
            .containsOnlyKeys("");
      }
    }
  }

  /**
   * Opens a stream as soon as the server has detected the disconnect of a follower, which it does
   * when it writes.
   */
  private static SseClient openWhenSlotIsFree(String query) {
    return await()
        .atMost(TIMEOUT)
        .pollInterval(Duration.ofMillis(500))
        .until(
            () -> {
              SseClient follower = SseClient.open(small, query);
              if (follower.status() != 200) {
                follower.close();
              }
              return follower;
            },
            follower -> follower.status() == 200);
  }
}
