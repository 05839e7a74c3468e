package org.agentlifecycle.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.agentlifecycle.rest.document.DocumentServlet;
import org.agentlifecycle.rest.document.OpenApiServlet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The OpenAPI document describes the service, on both servers. */
class OpenApiIT extends ApiTestBase {
  private static final Set<String> METHODS = Set.of("get", "post", "put", "delete");

  private JsonNode document;
  private Schemas schemas;

  @BeforeEach
  void readDocument() {
    document = json(get("/openapi", "Accept", JSON));
    schemas = new Schemas(document);
  }

  /** Both servers serve the same bytes, and {@code OpenApiDocumentTest} validates them. */
  @ParameterizedTest
  @CsvSource({
    "/openapi,*/*,yaml,application/yaml;charset=UTF-8",
    "/openapi,application/json,json,application/json",
    "/openapi?format=JSON,*/*,json,application/json",
    "/openapi?format=json,application/yaml,json,application/json",
    "/openapi?format=YAML,application/json,yaml,application/yaml;charset=UTF-8",
    "/openapi,'text/html,*/*;q=0.8',yaml,text/plain;charset=UTF-8",
    "/asyncapi,*/*,asyncapi,text/plain;charset=UTF-8",
  })
  void documentIsServedAsItIsInTheApplication(
      String path, String accept, String expected, String mediaType) {
    HttpResponse<String> answer = get(path, "Accept", accept);
    byte[] yaml = DocumentServlet.read("/META-INF/openapi.yaml");
    byte[] bytes =
        switch (expected) {
          case "yaml" -> yaml;
          case "json" -> OpenApiServlet.json(yaml);
          default -> DocumentServlet.read("/META-INF/asyncapi.yaml");
        };

    assertThat(answer.body()).isEqualTo(new String(bytes, StandardCharsets.UTF_8));
    assertThat(header(answer, "Content-Type").replace(" ", "")).isEqualToIgnoringCase(mediaType);
  }

  @Test
  void unknownFormatIsRejected() {
    assertRejected(get("/openapi?format=xml"), "format");
    assertRejected(get("/openapi?x=1"), "x");
  }

  @Test
  void documentHasExactlyTheServedPaths() {
    assertThat(document.path("openapi").asString()).startsWith("3.0.");
    Set<String> calls = new TreeSet<>();
    operations().forEach(operation -> calls.add(operation.name()));
    assertThat(calls)
        .containsExactlyInAnyOrder(
            "post /api/v1/agents",
            "get /api/v1/agents",
            "get /api/v1/agents/{agentId}",
            "delete /api/v1/agents/{agentId}",
            "get /api/v1/agents/{agentId}/transitions",
            "post /api/v1/agents/{agentId}/transitions",
            "get /api/v1/agents/{agentId}/session",
            "put /api/v1/agents/{agentId}/session",
            "delete /api/v1/agents/{agentId}/session",
            "put /api/v1/agents/{agentId}/heartbeat",
            "put /api/v1/agents/{agentId}/waiting",
            "delete /api/v1/agents/{agentId}/waiting",
            "put /api/v1/agents/{agentId}/desired",
            "post /api/v1/batches",
            "get /api/v1/events",
            "post /api/v1/kills",
            "get /api/v1/kills/{killId}",
            "get /api/v1/admission",
            "put /api/v1/admission",
            "get /api/v1/stats",
            "get /health/live",
            "get /health/ready",
            "get /health/started",
            "get /metrics");
  }

  @Test
  void everyReferenceHasATarget() {
    assertThat(document.findValuesAsString("$ref"))
        .hasSizeGreaterThan(50)
        .allSatisfy(ref -> assertThat(schemas.at(ref).isObject()).as(ref).isTrue());
  }

  @Test
  void everyExampleMatchesItsSchema() {
    int examples = 0;
    for (Operation operation : operations()) {
      List<JsonNode> contents = new ArrayList<>();
      contents.add(operation.node().path("requestBody").path("content"));
      operation
          .node()
          .path("responses")
          .forEach(answer -> contents.add(schemas.resolved(answer).path("content")));
      for (JsonNode content : contents) {
        for (JsonNode media : content) {
          List<JsonNode> values = new ArrayList<>();
          media
              .path("examples")
              .forEach(example -> values.add(schemas.resolved(example).path("value")));
          if (media.has("example")) {
            values.add(media.path("example"));
          }
          for (JsonNode value : values) {
            examples++;
            assertThat(schemas.errors(media.path("schema"), value)).as(operation.name()).isEmpty();
          }
        }
      }
    }
    assertThat(examples).isGreaterThan(50);
  }

  @Test
  void everyErrorIsAProblemAndEach503HasRetryAfter() {
    for (Operation operation : operations()) {
      if (!operation.name().contains("/api/")) {
        continue;
      }
      assertThat(operation.node().path("responses").propertyNames())
          .as(operation.name())
          .contains("400", "500", "503");
      assertThat(operation.node().path("responses").has("504"))
          .as(operation.name())
          .isEqualTo(!operation.name().endsWith("/batches")); // its results have the status
      assertThat(operation.node().path("responses").has("406"))
          .as(operation.name())
          .isEqualTo(!operation.node().path("responses").has("204"));
      operation
          .node()
          .path("responses")
          .forEachEntry(
              (status, reference) -> {
                JsonNode answer = schemas.resolved(reference);
                if (status.compareTo("400") >= 0) {
                  assertThat(answer.path("content").propertyNames()).containsExactly(PROBLEM);
                }
                if (status.equals("503") || status.equals("504")) {
                  assertThat(answer.path("headers").has("Retry-After")).isTrue();
                }
              });
    }
  }

  @Test
  void responsesMatchTheirSchemas() {
    String id = newId();
    String body =
        "{\"taskId\":\"t\",\"agentId\":\"%s\",\"labels\":{\"a\":\"b\"},\"metadata\":{\"x\":[1]},\"session\":{\"p\":1}}";
    String path = AGENTS + "/" + id;

    assertOf("Agent", post(AGENTS, body.formatted(id)).body());
    assertOf("Session", get(path + "/session").body());
    assertOf("Agent", move(id, "{\"to\":\"running\"}").body());
    assertOf("Agent", move(id, "{\"to\":\"failed\",\"error\":\"x\",\"reason\":\"y\"}").body());
    assertOf("Session", get(path + "/session").body());
    assertOf("Agent", get(path).body());
    assertOf("TransitionList", get(path + "/transitions").body());
    assertOf("AgentPage", get(AGENTS + "?limit=1").body());
    assertOf("EventPage", get("/api/v1/events?limit=2", "Accept", JSON).body());
    assertOf("Heartbeat", call("PUT", AGENTS + "/" + registered() + "/heartbeat", null).body());
    assertOf("Admission", get("/api/v1/admission").body());
    assertOf("Stats", get("/api/v1/stats").body());
    assertOf("Health", get("/health/ready").body());
  }

  @Test
  void supervisionMatchesItsSchemas() {
    String id = newId();
    String path = AGENTS + "/" + id;
    String timeouts = "\"startTimeout\":\"PT1H\",\"runTimeout\":\"PT1H\"";
    String parent = "{\"taskId\":\"t\",\"agentId\":\"%s\",%s}".formatted(id, timeouts);
    String child = "{\"taskId\":\"t\",\"parentId\":\"%s\",\"onParentEnd\":\"kill\"}".formatted(id);

    assertOf("Registration", child);
    assertOf("Agent", post(AGENTS, parent).body());
    assertOf("Agent", post(AGENTS, child).body());
    assertOf("AgentFinishedProblem", put(path + "/waiting", "{\"for\":\"input\"}").body());
    assertOf("Agent", move(id, "{\"to\":\"running\"}").body());
    String waiting = "{\"for\":\"approval\",\"note\":\"n\",\"url\":\"https://host/a\"}";
    assertOf("WaitingRequest", waiting);
    assertThat(put(path + "/waiting", waiting, "Accept", "text/plain").statusCode()).isEqualTo(204);
    assertOf("Desired", put(path + "/desired", "{\"mode\":\"paused\"}").body());
    String stop = "{\"mode\":\"stopped\",\"grace\":\"PT1H\",\"reason\":\"r\"}";
    assertOf("DesiredStateRequest", stop);
    assertOf("Desired", put(path + "/desired", stop).body());
    assertOf("DesiredConflictProblem", put(path + "/desired", "{\"mode\":\"running\"}").body());
    String heartbeat = "{\"progress\":{\"current\":0.5,\"total\":3,\"message\":\"m\"}}";
    assertOf("HeartbeatRequest", heartbeat);
    assertOf("Heartbeat", put(path + "/heartbeat", heartbeat).body());
    assertOf("Session", get(path + "/session").body());
    assertOf("AgentPage", get(AGENTS + "?include=session&waiting=true&rootId=" + id).body());
    assertOf("EventPage", get("/api/v1/events?after=0&agentId=" + id, "Accept", JSON).body());
    assertOf("RegistrationConflictProblem", post(AGENTS, child).body());
    String kill =
        "{\"selector\":{\"tree\":\"%s\"},\"grace\":\"PT1H\",\"dryRun\":true}".formatted(id);
    assertOf("KillRequest", kill);
    HttpResponse<String> started = post("/api/v1/kills", kill);
    assertOf("KillAccepted", started.body());
    assertOf("Kill", get(header(started, "Location")).body());
  }

  private HttpResponse<String> put(String path, String body, String... headers) {
    return call(
        "PUT",
        path,
        body,
        Stream.concat(Stream.of("Content-Type", JSON), Stream.of(headers)).toArray(String[]::new));
  }

  @Test
  void batchMatchesItsSchemas() {
    String id = newId();
    JsonNode batch =
        json(
            """
            {"calls": [
              {"register": {"taskId": "t", "agentId": "ID", "lease": "PT1H", "metadata": {"x": [1]}}},
              {"move": {"agentId": "ID", "to": "running", "ifVersion": 1}},
              {"move": {"agentId": "ID", "to": "running", "ifVersion": 1}},
              {"heartbeat": {"agentId": "ID", "lease": "PT1H"}},
              {"endSession": {"agentId": "ID"}},
              {"waiting": {"agentId": "ID", "for": "input", "note": "n"}},
              {"endWaiting": {"agentId": "ID"}},
              {"desired": {"agentId": "ID", "mode": "stopped", "grace": "PT1H"}},
              {"desired": {"agentId": "ID", "mode": "paused"}},
              {"register": {"taskId": "t", "parentId": "ID"}},
              {"move": {"agentId": "ID", "to": "failed", "error": "x", "reason": "y"}},
              {"move": {"agentId": "ID", "to": "completed"}},
              {"heartbeat": {"agentId": "ID"}},
              {"endSession": {"agentId": "ID"}},
              {"register": {"taskId": "t", "agentId": "ID"}}
            ]}
            """
                .replace("ID", id));
    assertOf("BatchRequest", batch.toString());

    String results = post("/api/v1/batches", batch.toString()).body();
    assertOf("BatchResults", results);
    assertThat(json(results).findValuesAsString("type"))
        .containsExactly(
            "urn:problem-type:precondition-failed",
            "urn:problem-type:agent-not-finished",
            "urn:problem-type:stop-requested",
            "urn:problem-type:parent-not-active",
            "urn:problem-type:illegal-transition",
            "urn:problem-type:agent-finished",
            "urn:problem-type:agent-exists");
    assertThat(json(results).path("results").valueStream().map(r -> r.path("status").asInt()))
        .containsExactly(201, 200, 412, 200, 409, 204, 204, 200, 409, 409, 200, 409, 409, 204, 409);
    assertOf("InvalidRequestProblem", post("/api/v1/batches", "{\"calls\":[{}]}").body());
  }

  @ParameterizedTest
  @CsvSource({
    "/api/v1/agents/{agentId},get,404,/api/v1/agents/nobody",
    "/api/v1/agents/{agentId},get,400,/api/v1/agents/-",
    "/api/v1/agents/{agentId}/session,get,404,/api/v1/agents/nobody/session",
    "/api/v1/agents,get,400,/api/v1/agents?limit=0",
    "/api/v1/stats,get,400,/api/v1/stats?x=1",
  })
  void problemsMatchTheirSchemas(String path, String method, String status, String call) {
    JsonNode answer =
        schemas.resolved(
            document.path("paths").path(path).path(method).path("responses").path(status));
    assertThat(
            schemas.errors(
                answer.path("content").path(PROBLEM).path("schema"), json(get(call).body())))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"completed", "spawning"})
  void illegalTransitionMatchesItsSchema(String to) {
    JsonNode answer =
        document
            .path("paths")
            .path("/api/v1/agents/{agentId}/transitions")
            .path("post")
            .path("responses")
            .path("409");
    assertThat(
            schemas.errors(
                answer.path("content").path(PROBLEM).path("schema"),
                json(move(registered(), "{\"to\":\"" + to + "\"}").body())))
        .isEmpty();
  }

  private void assertOf(String schema, String body) {
    assertThat(schemas.errors(schemas.at("#/components/schemas/" + schema), json(body)))
        .as(body)
        .isEmpty();
  }

  private record Operation(String name, JsonNode node) {}

  private List<Operation> operations() {
    List<Operation> operations = new ArrayList<>();
    document
        .path("paths")
        .forEachEntry(
            (path, methods) ->
                methods.forEachEntry(
                    (method, node) -> {
                      if (METHODS.contains(method)) {
                        operations.add(new Operation(method + " " + path, node));
                      }
                    }));
    return operations;
  }
}
