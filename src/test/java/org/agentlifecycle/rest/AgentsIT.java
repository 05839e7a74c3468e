package org.agentlifecycle.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The contract of agents, call by call. */
class AgentsIT extends ApiTestBase {
  private static final String TIMESTAMP = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z";

  private static final String VERSION_TAG = "\"[0-9]+\\.[0-9]+-%d\"";

  /** Returns the entity tag of a version of the agent. */
  private String tag(String id, int version) {
    return header(get(AGENTS + "/" + id), "ETag").replaceFirst("-[0-9]+\"", "-" + version + "\"");
  }

  /** Replaces {@code V1} by the entity tag of version 1, without its quotes. */
  private String withTags(String id, String header) {
    return header.replace("\"V1\"", tag(id, 1)).replace("\"V2\"", tag(id, 2));
  }

  @Test
  void registeredAgentIsSpawningAtVersion1() {
    String id = newId();
    HttpResponse<String> answer =
        post(
            AGENTS,
            "{\"taskId\":\"task-42\",\"agentId\":\""
                + id
                + "\",\"labels\":{\"b\":\"2\",\"a\":\"1\"}}");

    assertThat(answer.statusCode()).isEqualTo(201);
    assertThat(header(answer, "Content-Type")).isEqualTo(JSON);
    assertThat(header(answer, "ETag")).matches(VERSION_TAG.formatted(1));
    assertThat(uri(AGENTS).resolve(header(answer, "Location"))).isEqualTo(uri(AGENTS + "/" + id));
    JsonNode agent = json(answer);
    assertThat(agent.propertyNames())
        .containsExactly(
            "agentId", "taskId", "rootId", "depth", "status", "version", "spawnedAt", "labels");
    assertThat(agent.path("status").asString()).isEqualTo("spawning");
    assertThat(agent.path("version").asInt()).isEqualTo(1);
    assertThat(agent.path("spawnedAt").asString()).matches(TIMESTAMP);
    HttpResponse<String> found = get(AGENTS + "/" + id);
    assertThat(found.body()).isEqualTo(answer.body());
    assertThat(header(found, "ETag")).isEqualTo(header(answer, "ETag"));
    assertThat(header(found, "Cache-Control")).isEqualTo("no-cache");
  }

  @Test
  void missingAgentIdIsGenerated() {
    HttpResponse<String> answer = post(AGENTS, "{\"taskId\":\"t\"}");

    String id = json(answer).path("agentId").asString();
    assertThat(id).matches("[A-Za-z0-9][A-Za-z0-9._:-]{0,127}");
    assertThat(get(URI.create(header(answer, "Location")).getPath()).body())
        .isEqualTo(answer.body());
  }

  @Test
  void registeredIdIsRejected() {
    String id = registered();
    assertProblem(
        post(AGENTS, "{\"taskId\":\"t\",\"agentId\":\"" + id + "\"}"), 409, "agent-exists");
  }

  @Test
  void longestIdWithColonsIsAccepted() {
    String id = (newId() + ":x.y_z-" + "a".repeat(128)).substring(0, 128);
    HttpResponse<String> answer = post(AGENTS, "{\"taskId\":\"a:b\",\"agentId\":\"" + id + "\"}");

    assertThat(answer.statusCode()).isEqualTo(201);
    assertThat(get(AGENTS + "/" + id).statusCode()).isEqualTo(200);
    assertThat(get(AGENTS + "/" + id.replace(":", "%3A")).statusCode()).isEqualTo(200);
  }

  @Test
  void metadataIsReturnedAsSent() {
    String id = newId();
    String metadata =
        "{ \"n\" : 123456789012345678901234567890.10, \"e\":1e400,\"z\":{},\"a\":[ 1,\"é😀\\ud83d\\ude00\\/\" ]}";
    HttpResponse<String> answer =
        post(
            AGENTS,
            "{\"taskId\":\"t\",\"agentId\":\"" + id + "\",\"metadata\":" + metadata + "}\n");

    assertThat(answer.body()).endsWith(",\"metadata\":" + metadata + "}\n");
    assertThat(move(id, "{\"to\":\"running\"}").body())
        .endsWith(",\"metadata\":" + metadata + "}\n");
    assertThat(get(AGENTS + "/" + id).body()).endsWith(",\"metadata\":" + metadata + "}\n");
    assertThat(get(AGENTS + "?limit=1").body()).contains(",\"metadata\":" + metadata + "}");
  }

  @Test
  void eachTransitionSetsTimestampsAndVersion() {
    String id = registered();
    HttpResponse<String> running = move(id, "{\"to\":\"running\"}");
    HttpResponse<String> failed =
        move(id, "{\"to\":\"failed\",\"error\":\"exit \\\"1\\\"\\n\",\"reason\":\"seen\"}");

    assertThat(running.statusCode()).isEqualTo(200);
    assertThat(header(running, "ETag")).isEqualTo(tag(id, 2));
    assertThat(json(running).has("completedAt")).isFalse();
    assertThat(header(failed, "ETag")).isEqualTo(tag(id, 3));
    JsonNode agent = json(failed);
    assertThat(agent.propertyNames())
        .containsExactly(
            "agentId",
            "taskId",
            "rootId",
            "depth",
            "status",
            "version",
            "spawnedAt",
            "startedAt",
            "completedAt",
            "error");
    assertThat(agent.path("startedAt")).isEqualTo(json(running).path("startedAt"));
    assertThat(agent.path("error").asString()).isEqualTo("exit \"1\"\n");
    List<String> times =
        List.of(
            agent.path("spawnedAt").asString(),
            agent.path("startedAt").asString(),
            agent.path("completedAt").asString());
    assertThat(times).isSorted().allMatch(time -> time.matches(TIMESTAMP));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''                | completed | running,failed,killed",
        "''                | spawning  | running,failed,killed",
        "running           | running   | completed,failed,killed",
        "running           | spawning  | completed,failed,killed",
        "killed            | running   | ''",
        "running,completed | killed    | ''",
      })
  void illegalTransitionReturnsTheAllowedStatuses(String before, String to, String allowed) {
    String id = registered();
    String from = "spawning";
    for (String status : before.isEmpty() ? new String[0] : before.split(",")) {
      assertThat(move(id, "{\"to\":\"" + status + "\"}").statusCode()).isEqualTo(200);
      from = status;
    }

    JsonNode problem =
        assertProblem(move(id, "{\"to\":\"" + to + "\"}"), 409, "illegal-transition");

    assertThat(problem.path("from").asString()).isEqualTo(from);
    assertThat(problem.path("to").asString()).isEqualTo(to);
    assertThat(
            String.join(
                ",", problem.path("allowed").valueStream().map(JsonNode::asString).toList()))
        .isEqualTo(allowed);
    assertThat(problem.path("detail").asString()).contains(from, to);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"V1\"            | 200",
        "*                 | 200",
        "\"7\", \"V1\"     | 200",
        "\"V2\"            | 412",
        "\"1\"             | 412",
        "W/\"V1\"          | 412",
        "\"01\"            | 412",
        "\"abc\"           | 412",
        "1                 | 400",
        "\"1               | 400",
        "*, \"V1\"         | 400",
        "\"V1\", 1         | 400",
      })
  void transitionRequiresAMatchingIfMatch(String ifMatch, int status) {
    String id = registered();
    HttpResponse<String> answer =
        move(id, "{\"to\":\"running\"}", "If-Match", withTags(id, ifMatch));

    if (status == 400) {
      assertRejected(answer, "If-Match");
    } else if (status == 412) {
      assertThat(assertProblem(answer, 412, "precondition-failed").path("version").asInt())
          .isEqualTo(1);
    }
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(json(get(AGENTS + "/" + id)).path("version").asInt())
        .isEqualTo(status == 200 ? 2 : 1);
  }

  @Test
  void severalIfMatchHeadersAreOneList() {
    String id = registered();
    String current = tag(id, 1);
    assertThat(
            move(id, "{\"to\":\"running\"}", "If-Match", tag(id, 9), "If-Match", current)
                .statusCode())
        .isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"V1\"        | 304",
        "W/\"V1\"      | 304",
        "\"5\", \"V1\" | 304",
        "*             | 304",
        "\"V2\"        | 200",
        "\"1\"         | 200",
        "\"x\"         | 200",
        "x             | 400",
      })
  void matchingIfNoneMatchReturnsNotModified(String ifNoneMatch, int status) {
    String id = registered();
    HttpResponse<String> answer =
        get(AGENTS + "/" + id, "If-None-Match", withTags(id, ifNoneMatch));

    assertThat(answer.statusCode()).isEqualTo(status);
    if (status == 400) {
      assertRejected(answer, "If-None-Match");
    } else {
      assertThat(header(answer, "ETag")).isEqualTo(tag(id, 1));
      assertThat(answer.body().isEmpty()).isEqualTo(status == 304);
    }
  }

  @Test
  void outdatedIfMatchIsRejectedByGet() {
    String id = registered();
    String path = AGENTS + "/" + id;
    assertThat(get(path, "If-Match", tag(id, 1)).statusCode()).isEqualTo(200);
    assertProblem(get(path, "If-Match", tag(id, 2)), 412, "precondition-failed");
    assertProblem(get(path, "If-Match", "\"1\""), 412, "precondition-failed");
  }

  @Test
  void everyCallForAnUnknownAgentReturns404() {
    String path = AGENTS + "/" + newId();
    assertProblem(get(path), 404, "agent-not-found");
    assertProblem(get(path, "If-None-Match", "*"), 404, "agent-not-found");
    assertProblem(get(path + "/transitions"), 404, "agent-not-found");
    assertProblem(post(path + "/transitions", "{\"to\":\"running\"}"), 404, "agent-not-found");
    assertProblem(get(path + "/session"), 404, "agent-not-found");
    assertProblem(call("DELETE", path + "/session", null), 404, "agent-not-found");
  }

  @Test
  void historyContainsEveryTransition() {
    String id = registered();
    move(id, "{\"to\":\"running\"}");
    JsonNode agent = json(move(id, "{\"to\":\"failed\",\"error\":\"boom\",\"reason\":\"seen\"}"));

    List<JsonNode> steps =
        json(get(AGENTS + "/" + id + "/transitions")).path("items").valueStream().toList();

    assertThat(steps).hasSize(3);
    assertThat(steps.get(0).propertyNames()).containsExactly("version", "to", "at", "eventId");
    assertThat(steps.get(0).path("at")).isEqualTo(agent.path("spawnedAt"));
    assertThat(steps.get(1).path("from").asString()).isEqualTo("spawning");
    assertThat(steps.get(1).path("to").asString()).isEqualTo("running");
    assertThat(steps.get(2).propertyNames())
        .containsExactly("version", "from", "to", "at", "reason", "error", "eventId");
    assertThat(steps.get(2).path("version").asInt()).isEqualTo(3);
    assertThat(steps.get(2).path("at")).isEqualTo(agent.path("completedAt"));
    assertThat(steps.get(2).path("error").asString()).isEqualTo("boom");
    assertThat(steps.get(2).path("reason").asString()).isEqualTo("seen");
  }

  @Test
  void finalAgentHasItsResultAndLinksAsSent() {
    String id = registered();
    move(id, "{\"to\":\"running\"}");
    String output =
        "\"result\":{ \"score\": 1.50, \"ids\": [12345678901234567890] },"
            + "\"links\":[{\"href\":\"https://host/a\",\"rel\":\"report\",\"title\":\"ü\"}]}";
    assertThat(
            assertProblem(
                    post(AGENTS + "/" + id + "/transitions", "{\"to\":\"running\"," + output),
                    400,
                    "invalid-request")
                .path("errors"))
        .extracting(error -> error.path("field").asString())
        .containsExactly("links", "result");
    assertThat(move(id, "{\"to\":\"completed\"," + output).body()).endsWith("," + output + "\n");
    assertThat(get(AGENTS + "/" + id).body()).endsWith("," + output + "\n");
    assertThat(get(AGENTS + "/" + id + "/transitions").body()).doesNotContain("report");
  }

  @Test
  void sessionIsOpenUntilTheRunnerEndsIt() {
    String id = newId();
    post(AGENTS, "{\"taskId\":\"t\",\"agentId\":\"" + id + "\",\"session\":{\"pid\":4711.0}}");
    String path = AGENTS + "/" + id + "/session";

    HttpResponse<String> open = get(path);
    assertThat(open.body()).endsWith(",\"context\":{\"pid\":4711.0}}\n");
    assertThat(json(open).propertyNames()).containsExactly("agentId", "openedAt", "context");
    assertThat(
            assertProblem(call("DELETE", path, null), 409, "agent-not-finished")
                .path("agentStatus")
                .asString())
        .isEqualTo("spawning");

    JsonNode agent = json(move(id, "{\"to\":\"killed\"}"));
    Instant completed = Instant.parse(agent.path("completedAt").asString());
    assertThat(Instant.parse(json(get(path)).path("cleanupAt").asString()))
        .isEqualTo(completed.plus(Duration.ofSeconds(2)));
    HttpResponse<String> ended = call("DELETE", path, null);
    assertThat(ended.statusCode()).isEqualTo(204);
    assertThat(ended.body()).isEmpty();
    assertProblem(get(path), 404, "session-not-found");
    assertProblem(call("DELETE", path, null), 404, "session-not-found");
    assertProblem(putContext(id, "{}"), 404, "session-not-found");
  }

  private HttpResponse<String> putContext(String id, String context) {
    return call(
        "PUT",
        AGENTS + "/" + id + "/session",
        "{\"context\":" + context + "}",
        "Content-Type",
        JSON);
  }

  @Test
  void contextOfASessionIsReplacedAsSent() {
    String id = registered();
    String context = "{ \"pid\": 4711.0, \"e\":1e400, \"text\":\"\\u00e9 😀\" }";
    HttpResponse<String> replaced = putContext(id, context);

    assertThat(replaced.statusCode()).as(replaced.body()).isEqualTo(200);
    assertThat(header(replaced, "Content-Type")).isEqualTo(JSON);
    assertThat(json(replaced).propertyNames()).containsExactly("agentId", "openedAt", "context");
    assertThat(replaced.body().strip()).endsWith(",\"context\":" + context + "}");
    assertThat(get(AGENTS + "/" + id + "/session").body()).isEqualTo(replaced.body());
    assertThat(json(get(AGENTS + "/" + id)).path("version").asInt()).isEqualTo(1);
    assertProblem(putContext(newId(), context), 404, "agent-not-found");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"context\":null}",
        "{\"context\":[]}",
        "{\"context\":\"{}\"}",
        "{\"context\":{\"a\":1,\"a\":2}}",
        "{\"context\":{\"a\":\"\\ud800\"}}",
        "{\"context\":{\"a\":\"%s\"}}",
      })
  void invalidContextIsRejected(String body) {
    String id = registered();
    String path = AGENTS + "/" + id + "/session";
    String tooLong = body.replace("%s", "x".repeat(16 * 1024));
    assertRejected(call("PUT", path, tooLong, "Content-Type", JSON), "context");
    assertThat(json(get(path)).has("context")).isFalse();
  }

  @Test
  void unknownMemberBesideTheContextIsRejected() {
    String path = AGENTS + "/" + registered() + "/session";
    assertRejected(call("PUT", path, "{\"context\":{},\"pid\":1}", "Content-Type", JSON), "pid");
    assertRejected(call("PUT", path, "", "Content-Type", JSON), "body");
    assertProblem(
        call("PUT", path, "{}", "Content-Type", "text/plain"), 415, "unsupported-media-type");
  }

  @Test
  void listIncludesSessionsOnRequest() {
    String task = newId();
    String body = "{\"taskId\":\"" + task + "\",\"agentId\":\"%s\",\"session\":{\"pid\":4711.0}}";
    post(AGENTS, body.formatted(task + "-1"));
    post(AGENTS, body.formatted(task + "-2"));
    move(task + "-2", "{\"to\":\"killed\"}");
    call("DELETE", AGENTS + "/" + task + "-2/session", null);
    String list = AGENTS + "?taskId=" + task;

    assertThat(get(list).body()).doesNotContain("\"session\"");
    JsonNode included = json(get(list + "&include=session")).path("items");
    assertThat(included.get(0).has("session")).isFalse();
    assertThat(included.get(1).path("session").propertyNames())
        .containsExactly("agentId", "openedAt");
    String session = get(AGENTS + "/" + task + "-1/session").body().strip();
    assertThat(get(list + "&include=session.context&sessionOpen=true").body())
        .contains(",\"session\":" + session + "}]");
    assertRejected(get(list + "&include=context"), "include");
  }

  @Test
  void agentShowsWhetherItsRunnerConfirmedTheEnd() {
    String confirmed = registered();
    move(confirmed, "{\"to\":\"killed\"}");
    HttpResponse<String> open = get(AGENTS + "/" + confirmed);
    assertThat(json(open).has("sessionConfirmed")).isFalse();
    call("DELETE", AGENTS + "/" + confirmed + "/session", null);

    HttpResponse<String> ended = get(AGENTS + "/" + confirmed);
    assertThat(json(ended).path("sessionConfirmed").asBoolean(false)).isTrue();
    assertThat(json(ended).path("version")).isEqualTo(json(open).path("version"));
    String former = header(open, "ETag");
    assertThat(get(AGENTS + "/" + confirmed, "If-None-Match", former).body())
        .as("the representation has changed")
        .isEqualTo(ended.body());
    assertThat(get(AGENTS + "/" + confirmed, "If-Match", former).statusCode())
        .as("the version has not")
        .isEqualTo(200);
    assertProblem(
        move(confirmed, "{\"to\":\"running\"}", "If-Match", former), 409, "illegal-transition");
    assertThat(get(AGENTS + "/" + confirmed, "If-None-Match", header(ended, "ETag")).statusCode())
        .isEqualTo(304);
  }

  @Test
  void heartbeatOfAFinalAgentReturnsTheReasonToStop() {
    String id = registered();
    move(id, "{\"to\":\"failed\",\"error\":\"boom\",\"reason\":\"by hand\"}");
    JsonNode finished =
        assertProblem(call("PUT", AGENTS + "/" + id + "/heartbeat", null), 409, "agent-finished");
    assertThat(finished.path("agentStatus").asString()).isEqualTo("failed");
    assertThat(finished.path("reason").asString()).isEqualTo("by hand");
    assertThat(finished.path("error").asString()).isEqualTo("boom");
    assertThat(finished.has("killId")).isFalse();
  }

  @Test
  void heartbeatOfAKilledAgentNamesItsKill() {
    String task = newId();
    post(AGENTS, "{\"taskId\":\"" + task + "\",\"agentId\":\"" + task + "\"}");
    String killId =
        json(post("/api/v1/kills", "{\"selector\":{\"taskId\":\"" + task + "\"}}"))
            .path("killId")
            .asString();
    String beat = AGENTS + "/" + task + "/heartbeat";
    Awaitility.await().until(() -> call("PUT", beat, null).statusCode() == 409);
    JsonNode finished = assertProblem(call("PUT", beat, null), 409, "agent-finished");
    assertThat(finished.path("agentStatus").asString()).isEqualTo("killed");
    assertThat(finished.path("killId").asString()).isEqualTo(killId);
    assertThat(finished.has("reason")).isFalse();
    assertThat(finished.has("error")).isFalse();
  }

  @Test
  void sameContentWithAnotherSpellingIsReplayed() {
    String id = newId();
    String[] key = {"Idempotency-Key", newId()};
    HttpResponse<String> first =
        post(AGENTS, "{\"taskId\":\"t\",\"agentId\":\"" + id + "\",\"labels\":{\"a\":\"é\"}}", key);
    HttpResponse<String> again =
        post(
            AGENTS,
            " { \"labels\" : { \"a\" : \"\\u00e9\" },\n\"agentId\":\""
                + id
                + "\",\"taskId\":\"t\" }\n",
            key);
    assertThat(again.statusCode()).as(again.body()).isEqualTo(201);
    assertThat(again.body()).isEqualTo(first.body());
    assertThat(header(again, "ETag")).isEqualTo(header(first, "ETag"));
    assertProblem(
        post(AGENTS, "{\"taskId\":\"t\",\"agentId\":\"" + id + "\"}", key),
        422,
        "idempotency-key-reused");
  }

  @Test
  void listIsNewestFirstAndContinuesAtItsCursor() {
    String task = newId();
    List<String> ids =
        new ArrayList<>(IntStream.range(0, 5).mapToObj(i -> task + "-" + i).toList());
    ids.forEach(id -> post(AGENTS, "{\"taskId\":\"" + task + "\",\"agentId\":\"" + id + "\"}"));
    java.util.Collections.reverse(ids);

    List<String> found = new ArrayList<>();
    String cursor = "";
    int pages = 0;
    while (cursor != null) {
      JsonNode page = json(get(AGENTS + "?limit=2&taskId=" + task + cursor));
      page.path("items").forEach(agent -> found.add(agent.path("agentId").asString()));
      cursor = page.has("nextCursor") ? "&cursor=" + page.path("nextCursor").asString() : null;
      pages++;
    }

    assertThat(found).isEqualTo(ids);
    assertThat(pages).isEqualTo(3);
    assertThat(ids(AGENTS + "?taskId=" + task)).isEqualTo(ids);
  }

  @Test
  void allFiltersCombine() {
    String task = newId();
    String labels = "\"labels\":{\"team\":\"a:b é\",\"tier\":\"%s\"}}";
    String body = "{\"taskId\":\"" + task + "\",\"agentId\":\"" + task + "-%s\"," + labels;
    post(AGENTS, body.formatted("1", "x"));
    post(AGENTS, body.formatted("2", "x"));
    post(AGENTS, body.formatted("3", "y"));
    move(task + "-2", "{\"to\":\"running\"}");
    move(task + "-3", "{\"to\":\"killed\"}");
    call("DELETE", AGENTS + "/" + task + "-3/session", null);
    String all = AGENTS + "?taskId=" + task;

    assertThat(ids(all + "&label=team:a:b%20%C3%A9")).hasSize(3);
    assertThat(ids(all + "&label=team:a:b+%C3%A9&label=tier:x")).hasSize(2);
    assertThat(ids(all + "&label=tier:x&label=tier:y")).isEmpty();
    assertThat(ids(all + "&status=running,killed")).containsExactly(task + "-3", task + "-2");
    assertThat(ids(all + "&sessionOpen=false")).containsExactly(task + "-3");
    assertThat(ids(all + "&sessionOpen=true&label=tier:x&status=spawning"))
        .containsExactly(task + "-1");
  }

  private List<String> ids(String path) {
    HttpResponse<String> answer = get(path);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return json(answer)
        .path("items")
        .valueStream()
        .map(agent -> agent.path("agentId").asString())
        .toList();
  }

  @Test
  void statsCount() {
    JsonNode before = json(get("/api/v1/stats"));
    registered();
    JsonNode after = json(get("/api/v1/stats"));

    assertThat(after.propertyNames())
        .containsExactly(
            "spawning",
            "running",
            "completed",
            "failed",
            "killed",
            "openSessions",
            "pendingCleanups",
            "waiting");
    assertThat(after.path("spawning").asLong()).isEqualTo(before.path("spawning").asLong() + 1);
  }

  @Test
  void headReturnsTheHeadersOfGet() {
    String id = registered();
    HttpResponse<String> answer = call("HEAD", AGENTS + "/" + id, null);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(header(answer, "ETag")).isEqualTo(tag(id, 1));
    assertThat(answer.body()).isEmpty();
    assertThat(call("HEAD", AGENTS + "/" + newId(), null).statusCode()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource({
    "/api/v1/agents,GET HEAD POST OPTIONS",
    "/api/v1/agents/a,GET HEAD DELETE OPTIONS",
    "/api/v1/agents/a/transitions,GET HEAD POST OPTIONS",
    "/api/v1/agents/a/session,GET HEAD PUT DELETE OPTIONS",
    "/api/v1/agents/a/heartbeat,PUT OPTIONS",
    "/api/v1/batches,POST OPTIONS",
    "/api/v1/events,GET HEAD OPTIONS",
    "/api/v1/kills,POST OPTIONS",
    "/api/v1/kills/k,GET HEAD OPTIONS",
    "/api/v1/admission,GET HEAD PUT OPTIONS",
    "/api/v1/stats,GET HEAD OPTIONS",
    "/openapi,GET HEAD OPTIONS",
    "/asyncapi,GET HEAD OPTIONS",
  })
  void optionsReturnsTheAllowedMethods(String path, String allowed) {
    HttpResponse<String> answer = call("OPTIONS", path, null, "Accept", PROBLEM);
    assertThat(answer.statusCode()).isBetween(200, 204);
    assertThat(allowed(answer)).containsExactlyInAnyOrder(allowed.split(" "));
  }

  private static String[] allowed(HttpResponse<?> answer) {
    return String.join(",", answer.headers().allValues("Allow")).split(", *");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/v1/agents",
        "/api/v1/stats",
        "/api/v1/admission",
        "/api/v1/events",
        "/openapi",
        "/asyncapi",
        "/health/live"
      })
  void headWorksWhereGetDoes(String path) {
    HttpResponse<String> answer = call("HEAD", path, null);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(header(answer, "Content-Type")).isEqualTo(header(get(path), "Content-Type"));
    assertThat(answer.body()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "DELETE,/api/v1/agents,POST",
    "PATCH,/api/v1/agents,POST",
    "PUT,/api/v1/agents/a,GET",
    "POST,/api/v1/agents/a,GET",
    "DELETE,/api/v1/agents/a/transitions,POST",
    "POST,/api/v1/agents/a/session,PUT",
    "POST,/api/v1/stats,GET",
    "BREW,/api/v1/stats,GET",
    "DELETE,/api/v1/events,GET",
    "DELETE,/openapi,GET",
    "POST,/asyncapi,GET",
  })
  void unknownMethodIsAProblem(String method, String path, String allowed) {
    HttpResponse<String> answer = call(method, path, null);
    assertProblem(answer, 405, "method-not-allowed");
    assertThat(allowed(answer)).contains(allowed, "OPTIONS");
  }

  @ParameterizedTest
  @ValueSource(strings = {"text/html", "application/xml, text/*;q=0.5", "application/json;q=0"})
  void unacceptableResponseIsRejectedBeforeTheCallTakesEffect(String accept) {
    String id = newId();
    String body = "{\"taskId\":\"t\",\"agentId\":\"" + id + "\"}";
    assertProblem(get(AGENTS, "Accept", accept), 406, "not-acceptable");
    assertProblem(post(AGENTS, body, "Accept", accept), 406, "not-acceptable");
    assertProblem(get(AGENTS + "/" + id), 404, "agent-not-found");
    assertProblem(get("/api/v1/nope", "Accept", accept), 404, "not-found");
  }

  @ParameterizedTest
  @ValueSource(strings = {"json", "a/b;q=x", "application/json;q=2"})
  void invalidAcceptIsRejectedByItsName(String accept) {
    assertRejected(get(AGENTS, "Accept", accept), "Accept");
    assertRejected(get(AGENTS, "Accept", JSON, "Accept", accept), "Accept");
  }

  /** Clients that are generated for a call without a response body accept only problems. */
  @ParameterizedTest
  @ValueSource(strings = {PROBLEM, "text/html", "application/json;q=0"})
  void acceptDoesNotMatterWithoutAResponseBody(String accept) {
    String id = registered();
    move(id, "{\"to\":\"killed\"}");
    String path = AGENTS + "/" + id;
    assertThat(call("HEAD", path, null, "Accept", accept).statusCode()).isEqualTo(200);
    assertThat(call("DELETE", path + "/session", null, "Accept", accept).statusCode())
        .isEqualTo(204);
  }

  @Test
  void clientThatAcceptsProblemsGetsJson() {
    HttpResponse<String> answer = get("/api/v1/stats", "Accept", PROBLEM);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(header(answer, "Content-Type")).isEqualTo(JSON);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/json, text/event-stream",
        "application/json, text/event-stream, application/problem+json",
        "text/event-stream;q=0.5, application/json;q=0.5",
        PROBLEM
      })
  void eventsAreAPageIfBothFormsAreEquallyAcceptable(String accept) {
    HttpResponse<String> answer =
        get("/api/v1/events?type=agent.failed&type=agent.killed", "Accept", accept);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(header(answer, "Content-Type")).isEqualTo(JSON);
  }

  @Test
  void weakEntityTagIsRejectedWithTheReason() {
    String path = AGENTS + "/" + registered();
    String weak = "W/" + header(get(path), "ETag");
    for (HttpResponse<String> answer :
        List.of(
            post(path + "/transitions", "{\"to\":\"running\"}", "If-Match", weak),
            get(path, "If-Match", weak))) {
      assertThat(assertProblem(answer, 412, "precondition-failed").path("detail").asString())
          .contains("a weak entity tag never matches");
    }
  }

  @Test
  void locationIsAPathBehindAProxy() {
    String[] headers = {"X-Forwarded-Proto", "javascript", "X-Forwarded-Host", "evil"};
    HttpResponse<String> agent = post(AGENTS, "{\"taskId\":\"t\"}", headers);
    HttpResponse<String> kill =
        post(
            "/api/v1/kills",
            "{\"selector\":{\"taskId\":\"" + newId() + "\"},\"dryRun\":true}",
            headers);
    assertThat(header(agent, "Location"))
        .isEqualTo(AGENTS + "/" + json(agent).path("agentId").asString());
    assertThat(header(kill, "Location"))
        .isEqualTo("/api/v1/kills/" + json(kill).path("killId").asString());
    assertThat(get(header(kill, "Location")).statusCode()).isEqualTo(200);
  }

  @Test
  void responsesHaveNoOtherHeadersAndEndWithANewline() {
    HttpResponse<String> agent = get(AGENTS + "/" + registered());
    HttpResponse<String> problem = get(AGENTS + "/" + newId());
    HttpResponse<String> events = get("/api/v1/events?limit=1", "Accept", JSON);
    for (HttpResponse<String> answer : List.of(agent, problem, events)) {
      assertThat(answer.body()).endsWith("}\n");
      assertThat(
              answer.headers().map().keySet().stream().map(name -> name.toLowerCase(Locale.ROOT)))
          .isSubsetOf(
              "cache-control",
              "connection",
              "content-length",
              "content-type",
              "date",
              "etag",
              "vary");
    }
    assertThat(header(call("PUT", "/metrics", null), "Set-Cookie")).isNull();
  }

  @Test
  void nullBodyOfAHeartbeatCountsAsAbsent() {
    HttpResponse<String> answer =
        call("PUT", AGENTS + "/" + registered() + "/heartbeat", " null\n", "Content-Type", JSON);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }

  @Test
  void statusesMayBeRepeated() {
    String task = newId();
    String body = "{\"taskId\":\"" + task + "\",\"agentId\":\"" + task + "-%s\"}";
    for (String end : List.of("1", "2", "3")) {
      post(AGENTS, body.formatted(end));
    }
    move(task + "-2", "{\"to\":\"running\"}");
    move(task + "-3", "{\"to\":\"killed\"}");

    assertThat(ids(AGENTS + "?taskId=" + task + "&status=running&status=spawning"))
        .containsExactly(task + "-2", task + "-1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*/*",
        "application/*",
        "text/html, application/json;q=0.1",
        "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"
      })
  void acceptableResponseIsSent(String accept) {
    assertThat(get("/api/v1/stats", "Accept", accept).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/nope",
        "/nope/agents",
        "/api",
        "/api/v1",
        "/api/v1/",
        "/api/v1/nope",
        "/api/v1/agents/",
        "/api/v1/agents//transitions",
        "/api/v1/agents/a/nope",
        "/api/v1/agents/a/session/",
        "/api/v2/agents",
        "/problem",
        "/WEB-INF/web.xml",
        "/index.html"
      })
  void unknownPathIsAProblem(String path) {
    assertProblem(get(path), 404, "not-found");
  }
}
