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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.agentlifecycle.harness.EmbeddedStore;
import org.agentlifecycle.harness.ServerProcess;
import org.agentlifecycle.harness.Subscription;
import org.agentlifecycle.harness.TestStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.StreamEntryID;
import redis.clients.jedis.args.ClientType;
import redis.clients.jedis.params.ClientKillParams;
import redis.clients.jedis.params.ClientKillParams.SkipMe;
import redis.clients.jedis.params.XAddParams;
import redis.clients.jedis.params.XTrimParams;
import tools.jackson.databind.JsonNode;

/**
 * The feed, followed on one server while it grows on another, whatever happens to connections, to
 * the store and to servers. Two servers share a store; a third, on the same, serves three followers
 * at most and is stopped at the end.
 */
@TestMethodOrder(OrderAnnotation.class)
class FeedIT {
  private static final int MAX_FOLLOWERS = 3;
  private static final int LAST = Integer.MAX_VALUE;
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  /** Time for an event to come that should not. */
  private static final Duration SILENCE = Duration.ofMillis(700);

  private static final String NAMESPACE = TestStore.namespace("feed");
  private static final String FEED = "{" + NAMESPACE + "}:feed";
  private static final AtomicInteger NAMES = new AtomicInteger();

  private static EmbeddedStore store;
  private static ServerProcess serverA;
  private static ServerProcess serverB;
  private static ServerProcess small;
  private static AgentClient clientA;

  @BeforeAll
  static void start() {
    store = EmbeddedStore.start("--appendonly", "yes");
    Map<String, String> config =
        Map.of("lifecycle.namespace", NAMESPACE, "lifecycle.session.cleanup-delay", "PT1H");
    serverA = ServerProcess.launch(store.uri(), config);
    serverB = ServerProcess.launch(store.uri(), config);
    small =
        ServerProcess.launch(
            store.uri(),
            Map.of(
                "lifecycle.namespace",
                NAMESPACE,
                "lifecycle.session.cleanup-delay",
                "PT1H",
                "lifecycle.feed.max-followers",
                Integer.toString(MAX_FOLLOWERS)));
    Stream.of(serverA, serverB, small).forEach(ServerProcess::awaitStarted);
    clientA = new AgentClient(serverA);
  }

  @AfterAll
  static void end() {
    Stream.of(serverA, serverB, small)
        .filter(server -> server != null)
        .forEach(
            server -> {
              server.kill();
              server.close();
            });
    store.close();
  }

  @Test
  void followerReceivesNewEventsOfTheOtherServerOnceAndInOrder() {
    life("before", "task");
    String start = newest();
    try (SseClient follower = SseClient.open(serverB, "")) {
      assertThat(follower.status()).isEqualTo(200);
      assertThat(follower.header("Content-Type")).startsWith("text/event-stream");

      life("seen", "task");

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
    life("early", "task");
    String middle = newest();
    life("late", "task");
    List<String> late = feedAfter(middle);

    try (SseClient all = SseClient.open(serverB, "after=0");
        SseClient after = SseClient.open(serverB, "after=" + middle);
        SseClient last = SseClient.open(serverA, "after=0", "Last-Event-ID: " + middle)) {
      assertGets(all, feedAfter("0"));
      assertGets(after, late);
      assertGets(last, late);
    }
  }

  @Test
  void followersAndPagesAreFilteredByAgentTaskAndType() {
    String start = newest();
    String agent = life("one", "task-x");
    life("two", "task-x");
    life("three", "task-y");

    assertFiltered(start, "agentId=" + agent, e -> text(e, "agentId").equals(agent));
    assertFiltered(start, "taskId=task-x", e -> text(e, "taskId").equals("task-x"));
    assertFiltered(
        start,
        "type=agent.failed,agent.cleanup",
        e -> List.of("agent.failed", "agent.cleanup").contains(text(e, "type")));
    assertFiltered(
        start,
        "taskId=task-x&type=agent.running",
        e -> text(e, "taskId").equals("task-x") && text(e, "type").equals("agent.running"));
    assertFiltered(start, "agentId=nobody", e -> false);
  }

  @Test
  void streamWithoutEventsBeginsAtOnceAndSendsKeepAlives() {
    try (SseClient follower = SseClient.open(serverB, "agentId=nobody")) {
      // a head that waited for the first comment would come with it
      await()
          .during(SILENCE)
          .atMost(SILENCE.multipliedBy(3))
          .until(() -> follower.comments().isEmpty());
      assertThat(follower.messages().get(0).fields()).isEqualTo(Map.of("retry", "2000"));
      // 15 s by contract, and some for a busy machine
      await().atMost(Duration.ofSeconds(20)).until(() -> !follower.comments().isEmpty());
      await().atMost(TIMEOUT).until(() -> follower.lastEventId().equals(newest()));
      assertThat(follower.isOpen()).isTrue();
    }
  }

  @Test
  void followersThatReconnectGetTheFeedOnceInOrder() throws Exception {
    String start = newest();
    ExecutorService threads = Executors.newCachedThreadPool();
    CountDownLatch loaded = new CountDownLatch(1);
    List<Future<List<String>>> followers = new ArrayList<>();
    try {
      for (int seed = 0; seed < 6; seed++) {
        followers.add(threads.submit(wandering(start, seed, loaded)));
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

  /** Goes from server to server with the last id it has, until it has all. */
  private static Callable<List<String>> wandering(String start, int seed, CountDownLatch loaded) {
    return () -> {
      Random random = new Random(seed);
      List<String> seen = new ArrayList<>();
      String last = start;
      for (int i = seed; loaded.getCount() > 0 || !last.equals(newest()); i++) {
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
    String before = newest();
    String reason = "r".repeat(4000);
    for (int i = 0; i < 300; i++) {
      String agent = name("large");
      clientA.register(agent, "task");
      assertThat(clientA.move(agent, "killed", reason).status()).isEqualTo(200);
    }
    String start = newest();
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
      // less than the time after which one that takes nothing is dropped
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> follower.data().size() >= feedAfter(start).size());
      assertThat(follower.data()).isEqualTo(feedAfter(start));
    } finally {
      stalled.forEach(SseClient::close);
    }
  }

  @Test
  void gapIsSentFirstAndOnceWhenRequestedIdWasTrimmed() {
    String start = newest();
    try (SseClient live = SseClient.open(serverB, "")) {
      life("trimmed", "task");
      String kept = life("kept", "task");
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
        assertGets(all, left);
        assertThat(all.messages()).noneMatch(message -> "gap".equals(message.event()));
      }

      life("afterwards", "task");
      awaitEvents(live, 12);
      assertThat(live.messages()).noneMatch(message -> "gap".equals(message.event()));
    }
  }

  @Test
  void streamCutBeforeItsFirstEventMissesNone() {
    life("before", "task");
    String position;
    try (SseClient cut = SseClient.open(serverB, "agentId=none")) {
      await().atMost(TIMEOUT).until(() -> cut.messages().size() >= 2);
      position = cut.lastEventId();
    }
    assertThat(position).isEqualTo(newest());
    life("missed", "task");
    try (SseClient resumed = SseClient.open(serverA, "", "Last-Event-ID: " + position)) {
      assertGets(resumed, feedAfter(position));
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

  @Test
  void pageHasItsHeadEvenIfNoEventMatches() {
    life("quiet", "task");
    ApiResponse page = page(serverA, "agentId=none&after=" + newest());
    assertThat(page.text("head")).isEqualTo(newest());
    page = page(serverA, "agentId=none&after=0");
    assertThat(page.text("head")).isEqualTo(newest());
    assertThat(page.json().has("nextCursor")).isFalse();
    page = page(serverA, "after=now");
    assertThat(page.items()).isEmpty();
    assertThat(page.text("head")).isEqualTo(newest());
    String head = page.text("head");
    life("next", "task");
    assertThat(page(serverB, "after=" + head).items())
        .extracting(JsonNode::toString)
        .isEqualTo(feedAfter(head));
  }

  @Test
  void labelFiltersStreamsAndPages() {
    String start = newest();
    String agent = name("labelled");
    String body =
        "{\"taskId\":\"task\",\"agentId\":\"%s\",\"labels\":{\"team\":\"a:b\",\"x\":\"1\"}}"
            .formatted(agent);
    assertThat(new ApiClient(serverA).send("POST", "api/v1/agents", body).status()).isEqualTo(201);
    life("plain", "task");
    clientA.move(agent, "killed", "over");
    clientA.endSession(agent);
    assertFiltered(start, "label=team:a:b&label=x:1", e -> text(e, "agentId").equals(agent));
    assertFiltered(start, "label=team:a:b&label=team:c", e -> false);
    assertFiltered(
        start,
        "label=x:1&type=agent.cleanup&type=agent.killed",
        e -> text(e, "agentId").equals(agent) && !text(e, "type").equals("agent.spawned"));
  }

  @Test
  void unknownTypeAndUnreadableEntryDoNotStopTheFeed() {
    String start = newest();
    try (SseClient live = SseClient.open(serverB, "")) {
      String paused = "{\"type\":\"agent.paused\",\"agentId\":\"p\",\"taskId\":\"u\"}";
      String id = valkey(j -> j.xadd(FEED, new XAddParams(), Map.of("event", paused)).toString());
      String unreadable =
          valkey(j -> j.xadd(FEED, new XAddParams(), Map.of("event", "{\"type\"")).toString());
      life("after", "task");
      List<String> readable =
          valkey(jedis -> jedis.xrange(FEED, "(" + start, "+")).stream()
              .filter(entry -> !entry.getID().toString().equals(unreadable))
              .map(EventLog::json)
              .toList();
      assertGets(live, readable);
      assertThat(live.events().get(0).event()).isEqualTo("agent.paused");
      assertThat(page(serverA, "after=" + start).items())
          .extracting(JsonNode::toString)
          .isEqualTo(readable);
      valkey(jedis -> jedis.xdel(FEED, new StreamEntryID(id), new StreamEntryID(unreadable)));
    }
  }

  @Test
  void headReturnsTheHeadersOfBothRepresentations() {
    ApiResponse page = new ApiClient(serverA).send("HEAD", "api/v1/events", null);
    assertThat(page.status()).isEqualTo(200);
    assertThat(page.contentType()).startsWith("application/json");
    ApiResponse stream =
        new ApiClient(serverA).send("HEAD", "api/v1/events", null, "Accept", "text/event-stream");
    assertThat(stream.status()).isEqualTo(200);
    assertThat(stream.contentType()).startsWith("text/event-stream");
    assertThat(new ApiClient(serverA).send("HEAD", "api/v1/events?limit=0", null).status())
        .isEqualTo(400);
    assertThat(new ApiClient(serverA).send("OPTIONS", "api/v1/events", null).status())
        .isEqualTo(204);
  }

  @Test
  void pagesTogetherAreTheFeed() {
    String start = newest();
    for (int i = 0; i < 5; i++) {
      life("paged", "task");
    }
    List<String> walked = new ArrayList<>();
    List<Integer> sizes = new ArrayList<>();
    String after = start;
    for (int i = 0; !after.isEmpty(); i++) {
      ApiResponse page = page(i % 2 == 0 ? serverA : serverB, "limit=7&after=" + after);
      assertThat(page.status()).isEqualTo(200);
      assertThat(page.contentType()).startsWith("application/json");
      page.items().forEach(item -> walked.add(item.toString()));
      sizes.add(page.items().size());
      after = page.json().has("nextCursor") ? page.text("nextCursor") : "";
    }
    assertThat(walked).isEqualTo(feedAfter(start));
    assertThat(sizes).containsExactly(7, 7, 6);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "after=abc",
        "after=",
        "after=-1",
        "after=1-9999999999999999999",
        "type=agent.unknown",
        "label=team",
        "type=",
        "agentId=a%20b",
        "taskId=-",
        "agentId=a&agentId=b",
        "nothing=1",
        "limit=0",
        "limit=x",
        "limit=1001"
      })
  void invalidParametersAreRejectedOnPagesAndStreams(String query) {
    ApiResponse page = page(serverA, query);
    assertThat(page.status()).isEqualTo(400);
    assertThat(page.problem()).isEqualTo("invalid-request");
    assertThat(page.body()).doesNotContain("For input string");
    assertThat(text(page.json().path("errors").path(0), "field"))
        .isEqualTo(query.substring(0, query.indexOf('=')));
    try (SseClient stream = SseClient.open(serverA, query)) {
      assertThat(stream.status()).isEqualTo(400);
      assertThat(stream.header("Content-Type")).startsWith("application/problem+json");
    }
  }

  @Test
  void invalidLastEventIdIsRejected() {
    try (SseClient stream = SseClient.open(serverA, "after=0", "Last-Event-ID: abc")) {
      assertThat(stream.status()).isEqualTo(400);
      await().atMost(TIMEOUT).until(() -> stream.rejection().contains("Last-Event-ID"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "GET, text/html, 406",
    "GET, text/event-stream;q=0, 406",
    "POST, application/json, 405",
    "DELETE, application/json, 405"
  })
  void otherMethodsAndMediaTypesAreRejected(String method, String accept, int status) {
    ApiResponse response =
        new ApiClient(serverA).send(method, "api/v1/events", null, "Accept", accept);
    assertThat(response.status()).isEqualTo(status);
    assertThat(response.contentType()).startsWith("application/problem+json");
    assertThat(response.json().path("status").asInt()).isEqualTo(status);
  }

  @Test
  void eventsMatchTheAsyncApiDocument() {
    ApiResponse document = new ApiClient(serverA).send("GET", "asyncapi", null);
    assertThat(document.status()).isEqualTo(200);
    assertThat(document.contentType()).startsWith("text/plain"); // a browser shows it
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
      life("described", "task");
      String agent = name("killed");
      clientA.register(agent, "task");
      clientA.move(agent, "killed", "no longer needed");
      String completed = name("completed");
      clientA.register(completed, "task");
      clientA.move(completed, "running", "go");
      clientA.move(completed, "completed", "done");

      awaitEvents(follower, 9);
      await().atMost(TIMEOUT).until(() -> channel.messages().size() >= 9);
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

      followers.add(openWhenThereIsRoom(""));
    } finally {
      followers.forEach(SseClient::close);
    }
  }

  @Test
  @Order(LAST - 1) // the clients of the store begin anew after it
  void followersMissNothingDuringFaultsOfTheStore() {
    String start = newest();
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
    life("lost", "task");
    try (SseClient onA = SseClient.open(serverA, "");
        SseClient onB = SseClient.open(serverB, "agentId=none")) {
      life("lost", "task");
      awaitEvents(onA, 4);
      String lost = newest();
      valkey(Jedis::flushAll);
      life("new", "task");
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
      assertThat(lost).isNotEqualTo(newest());
    }
  }

  @Test
  @Order(LAST) // one server less
  void stoppingServerEndsItsStreams() throws InterruptedException {
    await().atMost(TIMEOUT).until(() -> new AgentClient(small).health("ready").status() == 200);
    try (SseClient live = openWhenThereIsRoom("");
        SseClient idle = openWhenThereIsRoom("agentId=nobody")) {
      life("last", "task");
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

  /** A server may notice that a follower has left only when it says something. */
  private static SseClient openWhenThereIsRoom(String query) {
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

  private static void assertGap(
      ServerProcess server, String query, String asked, String gap, List<String> events) {
    try (SseClient follower = SseClient.open(server, query, "Last-Event-ID: " + asked)) {
      awaitEvents(follower, events.size());
      await().atMost(TIMEOUT).until(() -> follower.messages().size() >= 3);
      SseClient.Message first = follower.messages().get(2);
      assertThat(first.event()).isEqualTo("gap");
      assertThat(first.json()).isEqualTo(ApiResponse.JSON.readTree(gap));
      assertGets(follower, events);
      assertThat(follower.messages())
          .filteredOn(message -> "gap".equals(message.event()))
          .hasSize(1);
    }
  }

  /** Live, from the past and in pages. */
  private static void assertFiltered(String start, String filter, Predicate<JsonNode> selects) {
    List<String> wanted =
        feedAfter(start).stream().filter(e -> selects.test(ApiResponse.JSON.readTree(e))).toList();
    try (SseClient follower = SseClient.open(serverB, filter + "&after=" + start)) {
      assertGets(follower, wanted);
    }
    assertThat(page(serverB, filter + "&after=" + start).items())
        .extracting(JsonNode::toString)
        .isEqualTo(wanted);
  }

  /** Those events and no other. */
  private static void assertGets(SseClient follower, List<String> events) {
    awaitEvents(follower, events.size());
    await()
        .during(SILENCE)
        .atMost(TIMEOUT)
        .untilAsserted(() -> assertThat(follower.data()).isEqualTo(events));
  }

  private static void awaitEvents(SseClient follower, int count) {
    await().atMost(TIMEOUT).until(() -> follower.data().size() >= count);
  }

  private static String name(String prefix) {
    return prefix + "-" + NAMES.incrementAndGet();
  }

  /** Registers, starts and fails an agent on server A, and closes its session: four events. */
  private static String life(String prefix, String task) {
    String agent = name(prefix);
    List<ApiResponse> responses =
        List.of(
            clientA.register(agent, task),
            clientA.move(agent, "running", "go"),
            clientA.move(agent, "failed", "over"),
            clientA.endSession(agent));
    assertThat(responses).extracting(ApiResponse::status).containsExactly(201, 200, 200, 204);
    return agent;
  }

  private static String text(JsonNode json, String member) {
    return json.path(member).asString();
  }

  private static <T> T valkey(Function<Jedis, T> call) {
    try (Jedis jedis = new Jedis(store.uri())) {
      return call.apply(jedis);
    }
  }

  /** The id of the last event. */
  private static String newest() {
    return valkey(
        jedis ->
            jedis.xrevrange(FEED, "+", "-", 1).stream()
                .map(entry -> entry.getID().toString())
                .findFirst()
                .orElse("0"));
  }

  /** What the store holds after that id, as JSON. */
  private static List<String> feedAfter(String id) {
    return valkey(
        jedis ->
            jedis.xrange(FEED, id.equals("0") ? "-" : "(" + id, "+").stream()
                .map(EventLog::json)
                .toList());
  }

  private static ApiResponse page(ServerProcess server, String query) {
    return new ApiClient(server).send("GET", "api/v1/events?" + query, null);
  }
}
