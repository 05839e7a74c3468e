package org.agentlifecycle.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.agentlifecycle.harness.ServerProcess;
import org.agentlifecycle.harness.Subscription;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.StreamEntryID;
import redis.clients.jedis.params.XAddParams;
import redis.clients.jedis.params.XTrimParams;
import tools.jackson.databind.JsonNode;

/** Event streams: positions, reconnects, gaps and slow followers. */
class FeedStreamIT extends FeedTestBase {
  @Test
  void followerReceivesNewEventsOfTheOtherServerOnceAndInOrder() {
    runAgent("before", "task");
    String start = lastEventId();
    try (SseClient follower = SseClient.open(serverB, "")) {
      assertThat(follower.status()).isEqualTo(200);
      assertThat(follower.header("Content-Type")).startsWith("text/event-stream");

      runAgent("seen", "task");

      awaitEvents(follower, 4);
      assertThat(follower.data()).isEqualTo(feedAfter(start));
      assertThat(follower.header("X-Accel-Buffering")).isEqualTo("no");
      assertThat(follower.messages().get(0).fields()).isEqualTo(Map.of("retry", "2000"));
      assertThat(follower.messages().get(1).fields()).isEqualTo(Map.of("id", start));
      assertThat(follower.events())
          .extracting(SseClient.Message::event)
          .containsExactly("agent.spawned", "agent.running", "agent.failed", "agent.cleanup");
      assertThat(follower.events())
          .allSatisfy(
              event -> {
                assertThat(event.json().path("id").asString()).isEqualTo(event.id());
                assertThat(event.json().path("type").asString()).isEqualTo(event.event());
              });
    }
  }

  @Test
  void streamStartsAtThePositionAndTheHeaderTakesPrecedence() {
    runAgent("early", "task");
    String middle = lastEventId();
    runAgent("late", "task");
    List<String> late = feedAfter(middle);

    try (SseClient all = SseClient.open(serverB, "after=0");
        SseClient after = SseClient.open(serverB, "after=" + middle);
        SseClient last = SseClient.open(serverA, "after=0", "Last-Event-ID: " + middle)) {
      assertReceives(all, feedAfter("0"));
      assertReceives(after, late);
      assertReceives(last, late);
    }
  }

  @Test
  void streamWithoutEventsBeginsAtOnceAndSendsKeepAlives() {
    try (SseClient follower = SseClient.open(serverB, "agentId=nobody")) {
      // the headers must not wait for the first comment
      await()
          .during(QUIET_TIME)
          .atMost(QUIET_TIME.multipliedBy(3))
          .until(() -> follower.comments().isEmpty());
      assertThat(follower.messages().get(0).fields()).isEqualTo(Map.of("retry", "2000"));
      // the contract allows 15 s; a busy machine needs more
      await().atMost(Duration.ofSeconds(20)).until(() -> !follower.comments().isEmpty());
      await().atMost(TIMEOUT).until(() -> follower.lastEventId().equals(lastEventId()));
      assertThat(follower.isOpen()).isTrue();
    }
  }

  @Test
  void followersThatReconnectGetTheFeedOnceInOrder() throws Exception {
    String start = lastEventId();
    ExecutorService threads = Executors.newCachedThreadPool();
    CountDownLatch loaded = new CountDownLatch(1);
    List<Future<List<String>>> followers = new ArrayList<>();
    try {
      for (int seed = 0; seed < 6; seed++) {
        followers.add(threads.submit(reconnecting(start, seed, loaded)));
      }
      try (LoadGenerator load = new LoadGenerator(List.of(clientA, new AgentClient(serverB)), 6)) {
        load.awaitAcknowledgements(3000);
      }
      loaded.countDown();
      List<String> feed = feedAfter(start);
      assertThat(feed).hasSizeGreaterThanOrEqualTo(3000);
      for (Future<List<String>> follower : followers) {
        assertThat(follower.get(2, TimeUnit.MINUTES)).isEqualTo(feed);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  /** Returns a follower that reconnects to alternating servers until it has received all events. */
  private static Callable<List<String>> reconnecting(
      String start, int seed, CountDownLatch loaded) {
    return () -> {
      Random random = new Random(seed);
      List<String> seen = new ArrayList<>();
      String last = start;
      for (int i = seed; loaded.getCount() > 0 || !last.equals(lastEventId()); i++) {
        SseClient follower =
            SseClient.open(i % 2 == 0 ? serverA : serverB, "", "Last-Event-ID: " + last);
        TimeUnit.MILLISECONDS.sleep(300 + random.nextInt(200));
        follower.close();
        assertThat(follower.messages()).noneMatch(m -> "gap".equals(m.event()));
        seen.addAll(follower.data());
        last =
            seen.isEmpty()
                ? start
                : text(ApiResponse.JSON.readTree(seen.get(seen.size() - 1)), "id");
      }
      return seen;
    };
  }

  @Test
  void followersThatDoNotReadDelayNoOthers() {
    String before = lastEventId();
    String reason = "r".repeat(4000);
    for (int i = 0; i < 300; i++) {
      String agent = name("large");
      clientA.register(agent, "task");
      assertThat(clientA.move(agent, "killed", reason).status()).isEqualTo(200);
    }
    String start = lastEventId();
    List<SseClient> stalled = new ArrayList<>();
    try (SseClient follower = SseClient.open(serverB, "")) {
      for (int i = 0; i < 20; i++) {
        stalled.add(SseClient.openAndNeverRead(serverB, "after=" + before));
      }
      for (int i = 0; i < 100; i++) {
        String agent = name("large");
        clientA.register(agent, "task");
        clientA.move(agent, "killed", reason);
      }
      // less than the write timeout after which a stalled follower is disconnected
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> follower.data().size() >= feedAfter(start).size());
      assertThat(follower.data()).isEqualTo(feedAfter(start));
    } finally {
      stalled.forEach(SseClient::close);
    }
  }

  @Test
  void streamCutBeforeItsFirstEventMissesNone() {
    runAgent("before", "task");
    String position;
    try (SseClient cut = SseClient.open(serverB, "agentId=none")) {
      await().atMost(TIMEOUT).until(() -> cut.messages().size() >= 2);
      position = cut.lastEventId();
    }
    assertThat(position).isEqualTo(lastEventId());
    runAgent("during", "task");
    try (SseClient resumed = SseClient.open(serverA, "", "Last-Event-ID: " + position)) {
      assertReceives(resumed, feedAfter(position));
    }
  }

  @Test
  void unknownTypeAndUnreadableEntryDoNotStopTheFeed() {
    String start = lastEventId();
    try (SseClient live = SseClient.open(serverB, "")) {
      String paused = "{\"type\":\"agent.paused\",\"agentId\":\"p\",\"taskId\":\"u\"}";
      String id = valkey(j -> j.xadd(FEED, new XAddParams(), Map.of("event", paused)).toString());
      String unreadable =
          valkey(j -> j.xadd(FEED, new XAddParams(), Map.of("event", "{\"type\"")).toString());
      runAgent("after", "task");
      List<String> readable =
          valkey(jedis -> jedis.xrange(FEED, "(" + start, "+")).stream()
              .filter(entry -> !entry.getID().toString().equals(unreadable))
              .map(EventLog::json)
              .toList();
      assertReceives(live, readable);
      assertThat(live.events().get(0).event()).isEqualTo("agent.paused");
      assertThat(page(serverA, "after=" + start).items())
          .extracting(JsonNode::toString)
          .isEqualTo(readable);
      valkey(jedis -> jedis.xdel(FEED, new StreamEntryID(id), new StreamEntryID(unreadable)));
    }
  }

  @Test
  void eventsMatchTheAsyncApiDocument() {
    ApiResponse document = new ApiClient(serverA).send("GET", "asyncapi", null);
    assertThat(document.status()).isEqualTo(200);
    assertThat(document.contentType()).startsWith("text/plain"); // so that a browser displays it
    assertThat(document.body()).startsWith("asyncapi: 3.");
    String schema = document.body().split("\n    Event:\n")[1].split("\n    Gap:\n")[0];
    List<String> members =
        Pattern.compile("^ {8}(\\w+):$", Pattern.MULTILINE)
            .matcher(schema)
            .results()
            .map(found -> found.group(1))
            .toList();
    List<String> required =
        List.of(schema.split("required: \\[")[1].split("\\]")[0].replace(" ", "").split(","));
    List<String> types =
        Pattern.compile("^ +- (agent\\.\\w+)$", Pattern.MULTILINE)
            .matcher(schema)
            .results()
            .map(found -> found.group(1))
            .toList();
    assertThat(members).containsAll(required);

    try (Subscription channel = new Subscription(store.uri(), NAMESPACE + ":events");
        SseClient follower = SseClient.open(serverB, "")) {
      runAgent("described", "task");
      String agent = name("killed");
      clientA.register(agent, "task");
      clientA.move(agent, "killed", "no longer needed");
      String completed = name("completed");
      clientA.register(completed, "task");
      clientA.move(completed, "running", "go");
      ResourceClient supervisor = new ResourceClient(serverA);
      String path = "agents/" + completed;
      supervisor.put(path + "/waiting", "{\"for\":\"input\",\"note\":\"which one?\"}");
      supervisor.delete(path + "/waiting");
      supervisor.put(
          path + "/desired", "{\"mode\":\"stopped\",\"grace\":\"PT1H\",\"reason\":\"enough\"}");
      clientA.move(completed, "completed", "done");

      int events = 12;
      awaitEvents(follower, events);
      await().atMost(TIMEOUT).until(() -> channel.messages().size() >= events);
      assertThat(channel.messages()).isEqualTo(follower.data());
      assertThat(follower.events())
          .extracting(SseClient.Message::event)
          .containsOnly(types.toArray(String[]::new));
      assertThat(follower.events())
          .allSatisfy(
              event -> {
                assertThat(event.json().propertyNames()).isSubsetOf(members).containsAll(required);
                assertThat(types).contains(text(event.json(), "type"));
              });
    }
  }

  @Test
  void gapIsSentFirstAndOnceWhenRequestedIdWasTrimmed() {
    String start = lastEventId();
    try (SseClient live = SseClient.open(serverB, "")) {
      runAgent("trimmed", "task");
      String kept = runAgent("kept", "task");
      awaitEvents(live, 8);
      valkey(jedis -> jedis.xtrim(FEED, new XTrimParams().maxLen(3).exactTrimming()));
      List<String> left = feedAfter("0");
      assertThat(left).hasSize(3);
      String gap =
          "{\"asked\":\"%s\",\"oldest\":\"%s\"}"
              .formatted(start, text(ApiResponse.JSON.readTree(left.get(0)), "id"));

      assertGap(serverA, "agentId=nobody", start, gap, List.of());
      assertGap(serverB, "", start, gap, left);
      assertGap(serverB, "agentId=" + kept, start, gap, left);
      assertThat(page(serverA, "limit=2&after=" + start).json().path("gap"))
          .isEqualTo(ApiResponse.JSON.readTree(gap));
      assertThat(page(serverA, "agentId=nobody&after=" + start).json().path("gap"))
          .isEqualTo(ApiResponse.JSON.readTree(gap));
      assertThat(page(serverA, "after=0").json().has("gap")).isFalse();
      try (SseClient all = SseClient.open(serverA, "after=0")) {
        assertReceives(all, left);
        assertThat(all.messages()).noneMatch(message -> "gap".equals(message.event()));
      }

      runAgent("afterwards", "task");
      awaitEvents(live, 12);
      assertThat(live.messages()).noneMatch(message -> "gap".equals(message.event()));
    }
  }

  @Test
  void positionBeyondTheNewestEventIsOneGap() {
    String asked = "999999999999999-0";
    String oldest = text(ApiResponse.JSON.readTree(feedAfter("0").get(0)), "id");
    String gap = "{\"asked\":\"%s\",\"oldest\":\"%s\"}".formatted(asked, oldest);
    assertGap(serverA, "type=agent.cleanup&agentId=none", asked, gap, List.of());
    ApiResponse page = page(serverB, "limit=1&after=" + asked);
    assertThat(page.json().path("gap")).isEqualTo(ApiResponse.JSON.readTree(gap));
    assertThat(text(page.items().get(0), "id")).isEqualTo(oldest);
  }

  private static void assertGap(
      ServerProcess server, String query, String asked, String gap, List<String> events) {
    try (SseClient follower = SseClient.open(server, query, "Last-Event-ID: " + asked)) {
      awaitEvents(follower, events.size());
      await().atMost(TIMEOUT).until(() -> follower.messages().size() >= 3);
      SseClient.Message first = follower.messages().get(2);
      assertThat(first.event()).isEqualTo("gap");
      assertThat(first.json()).isEqualTo(ApiResponse.JSON.readTree(gap));
      assertReceives(follower, events);
      assertThat(follower.messages())
          .filteredOn(message -> "gap".equals(message.event()))
          .hasSize(1);
    }
  }
}
