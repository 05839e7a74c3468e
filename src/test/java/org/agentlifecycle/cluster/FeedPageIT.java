package org.agentlifecycle.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Pages of the feed, filters and invalid requests. */
class FeedPageIT extends FeedTestBase {
  @Test
  void followersAndPagesAreFilteredByAgentTaskAndType() {
    String start = lastEventId();
    String agent = runAgent("one", "task-x");
    runAgent("two", "task-x");
    runAgent("three", "task-y");

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
  void labelFiltersStreamsAndPages() {
    String start = lastEventId();
    String agent = name("labelled");
    String body =
        "{\"taskId\":\"task\",\"agentId\":\"%s\",\"labels\":{\"team\":\"a:b\",\"x\":\"1\"}}"
            .formatted(agent);
    assertThat(new ApiClient(serverA).send("POST", "api/v1/agents", body).status()).isEqualTo(201);
    runAgent("plain", "task");
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
  void pageHasItsHeadEvenIfNoEventMatches() {
    runAgent("quiet", "task");
    ApiResponse page = page(serverA, "agentId=none&after=" + lastEventId());
    assertThat(page.text("head")).isEqualTo(lastEventId());
    page = page(serverA, "agentId=none&after=0");
    assertThat(page.text("head")).isEqualTo(lastEventId());
    assertThat(page.json().has("nextCursor")).isFalse();
    page = page(serverA, "after=now");
    assertThat(page.items()).isEmpty();
    assertThat(page.text("head")).isEqualTo(lastEventId());
    String head = page.text("head");
    runAgent("next", "task");
    assertThat(page(serverB, "after=" + head).items())
        .extracting(JsonNode::toString)
        .isEqualTo(feedAfter(head));
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
    String start = lastEventId();
    for (int i = 0; i < 5; i++) {
      runAgent("paged", "task");
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

  /** Asserts that a stream and a page return exactly the events that match the filter. */
  private static void assertFiltered(String start, String filter, Predicate<JsonNode> matches) {
    List<String> expected =
        feedAfter(start).stream().filter(e -> matches.test(ApiResponse.JSON.readTree(e))).toList();
    try (SseClient follower = SseClient.open(serverB, filter + "&after=" + start)) {
      assertReceives(follower, expected);
    }
    assertThat(page(serverB, filter + "&after=" + start).items())
        .extracting(JsonNode::toString)
        .isEqualTo(expected);
  }
}
