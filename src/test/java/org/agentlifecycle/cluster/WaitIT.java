package org.agentlifecycle.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.agentlifecycle.harness.ServerProcess;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Reads with {@code Prefer: wait} on two servers. */
@TestMethodOrder(OrderAnnotation.class)
class WaitIT extends FeedTestBase {
  private static final int MAX_WAITING = 5;
  private static final int LAST = Integer.MAX_VALUE;
  private static final String APPLIED = "Preference-Applied";

  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private static ServerProcess small;

  @BeforeAll
  static void startSmallServer() {
    Map<String, String> config = new HashMap<>(CONFIG);
    config.put("lifecycle.wait.max-waiting", Integer.toString(MAX_WAITING));
    config.put("lifecycle.feed.max-followers", "0");
    config.put("lifecycle.retention", "PT8S");
    config.put("lifecycle.session.cleanup-delay", "PT1S");
    small = ServerProcess.start(store.uri(), config);
  }

  @AfterAll
  static void endSmallServer() {
    if (small != null) {
      end(small);
    }
  }

  private static CompletableFuture<HttpResponse<String>> read(
      ServerProcess server, String method, String agent, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(server.baseUri().resolve("api/v1/agents/" + agent))
            .timeout(Duration.ofMinutes(3))
            .method(method, HttpRequest.BodyPublishers.noBody());
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return HTTP.sendAsync(request.build(), BodyHandlers.ofString());
  }

  private static CompletableFuture<HttpResponse<String>> waitOn(
      ServerProcess server, String agent, String etag, String prefer) {
    return read(server, "GET", agent, "If-None-Match", etag, "Prefer", prefer);
  }

  private static String register(String agent) {
    ApiResponse registered = clientA.register(agent, "task");
    assertThat(registered.status()).isEqualTo(201);
    return registered.etag();
  }

  private static String applied(HttpResponse<String> response) {
    return response.headers().firstValue(APPLIED).orElse("");
  }

  private static HttpResponse<String> result(CompletableFuture<HttpResponse<String>> response)
      throws Exception {
    return response.get(3, TimeUnit.MINUTES);
  }

  /** A request that waits has no response in this time. */
  private static void assertWaits(List<CompletableFuture<HttpResponse<String>>> responses) {
    await()
        .during(QUIET_TIME)
        .atMost(TIMEOUT)
        .until(() -> responses.stream().noneMatch(CompletableFuture::isDone));
  }

  @Test
  void changeOnTheOtherServerEndsTheWait() throws Exception {
    String agent = name("a");
    String etag = register(agent);
    CompletableFuture<HttpResponse<String>> get = waitOn(serverB, agent, etag, "wait=60");
    CompletableFuture<HttpResponse<String>> head =
        read(
            serverB,
            "HEAD",
            agent,
            "If-None-Match",
            etag,
            "Prefer",
            "respond-async",
            "prefer",
            "Wait=\"60\"");
    assertWaits(List.of(get, head));
    clientA.move(agent, "running", "go");
    for (HttpResponse<String> response : List.of(result(get), result(head))) {
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.headers().firstValue("ETag")).contains(clientA.agent(agent).etag());
      assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
      assertThat(applied(response)).isEqualTo("wait=60");
    }
    assertThat(result(get).body()).isEqualTo(clientA.agent(agent).body());
    assertThat(result(head).body()).isEmpty();
  }

  @Test
  void endOfTheSessionEndsTheWait() throws Exception {
    String agent = name("a");
    register(agent);
    clientA.move(agent, "killed", "over");
    CompletableFuture<HttpResponse<String>> wait =
        waitOn(serverB, agent, clientA.agent(agent).etag(), "wait=60");
    assertWaits(List.of(wait));
    clientA.endSession(agent);
    assertThat(result(wait).statusCode()).isEqualTo(200);
    assertThat(result(wait).headers().firstValue("ETag")).contains(clientA.agent(agent).etag());
  }

  @Test
  void notModifiedIsSentWhenTheTimeIsOver() throws Exception {
    String agent = name("a");
    String etag = register(agent);
    long begin = System.nanoTime();
    HttpResponse<String> response = result(waitOn(serverB, agent, etag, "wait=2"));
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofSeconds(1));
    assertThat(response.statusCode()).isEqualTo(304);
    assertThat(response.headers().firstValue("ETag")).contains(etag);
    assertThat(applied(response)).isEqualTo("wait=2");
  }

  @Test
  void eventOfTheKnownVersionDoesNotEndTheWait() throws Exception {
    long begin = System.nanoTime();
    List<CompletableFuture<HttpResponse<String>>> waits = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      String agent = name("a");
      register(agent);
      clientA.move(agent, "running", "go");
      waits.add(waitOn(serverB, agent, clientA.agent(agent).etag(), "wait=2"));
    }
    for (CompletableFuture<HttpResponse<String>> wait : waits) {
      assertThat(result(wait).statusCode()).isEqualTo(304);
    }
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(1900));
  }

  @Test
  void requestThatNeedNotWaitHasItsResponseAtOnce() throws Exception {
    String agent = name("a");
    String etag = register(agent);
    List<HttpResponse<String>> responses =
        List.of(
            result(read(serverA, "GET", agent, "Prefer", "wait=60")),
            result(waitOn(serverA, agent, "\"other\"", "wait=60")),
            result(waitOn(serverA, agent, etag, "wait=0")),
            result(waitOn(serverA, agent, etag, "wait=soon")),
            result(waitOn(serverA, agent, "*", "wait=60")),
            result(waitOn(serverA, agent, "none", "wait=60")),
            result(waitOn(serverA, agent + "?x=1", etag, "wait=60")),
            result(waitOn(serverA, "nobody", etag, "wait=60")),
            result(
                read(
                    serverA,
                    "GET",
                    agent,
                    "If-None-Match",
                    etag,
                    "Prefer",
                    "wait=60",
                    "Accept",
                    "text/html")));
    assertThat(responses)
        .extracting(HttpResponse::statusCode)
        .containsExactly(200, 200, 304, 304, 304, 400, 400, 404, 406);
  }

  @Test
  void requestsBeyondTheLimitHaveTheirResponseAtOnce() throws Exception {
    String agent = name("a");
    String etag = register(agent);
    List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
    for (int i = 0; i < MAX_WAITING; i++) {
      waiting.add(waitOn(small, agent, etag, "wait=100"));
    }
    assertWaits(waiting);
    HttpResponse<String> rejected = result(waitOn(small, agent, etag, "wait=100"));
    assertThat(rejected.statusCode()).isEqualTo(304);
    assertThat(applied(rejected)).isEmpty();
    clientA.move(agent, "running", "go");
    for (CompletableFuture<HttpResponse<String>> each : waiting) {
      assertThat(result(each).statusCode()).isEqualTo(200);
      assertThat(applied(result(each))).isEqualTo("wait=60");
    }
  }

  @Test
  void purgedAgentIsNotFoundWhenTheTimeIsOver() {
    AgentClient client = new AgentClient(small);
    String agent = name("purged");
    client.register(agent, "task");
    client.move(agent, "killed", "over");
    client.endSession(agent);
    String etag = client.agent(agent).etag();
    assertThat(etag).endsWith("-e\"");
    await()
        .atMost(TIMEOUT)
        .until(() -> result(waitOn(small, agent, etag, "wait=2")).statusCode() == 404);
  }

  @Test
  @Order(LAST - 1) // ends a server
  void stoppingServerSendsAllResponses() throws Exception {
    String agent = name("a");
    String etag = register(agent);
    List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
    for (int i = 0; i < MAX_WAITING; i++) {
      waiting.add(waitOn(small, agent, etag, "wait=60"));
    }
    assertWaits(waiting);
    small.terminate();
    small.await();
    for (CompletableFuture<HttpResponse<String>> each : waiting) {
      assertThat(result(each).statusCode()).isEqualTo(304);
      assertThat(result(each).headers().firstValue("ETag")).contains(etag);
    }
  }

  @Test
  @Order(LAST) // later waits may end with the gap of the new feed
  void deletedFeedEndsEveryWait() throws Exception {
    String agent = name("a");
    String etag = register(agent);
    CompletableFuture<HttpResponse<String>> wait = waitOn(serverB, agent, etag, "wait=60");
    assertWaits(List.of(wait));
    long begin = System.nanoTime();
    valkey(jedis -> jedis.del(FEED));
    assertThat(result(wait).statusCode()).isEqualTo(304);
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(55));
  }
}
