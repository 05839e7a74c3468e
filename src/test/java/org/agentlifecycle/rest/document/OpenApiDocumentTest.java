package org.agentlifecycle.rest.document;

import static org.assertj.core.api.Assertions.assertThat;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.SwaggerParseResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.Waiting;
import org.agentlifecycle.batch.BatchService;
import org.agentlifecycle.rest.Schemas;
import org.agentlifecycle.rest.http.BodyBuffer;
import org.agentlifecycle.rest.problem.ProblemType;
import org.agentlifecycle.rest.request.BatchRequest;
import org.agentlifecycle.rest.request.DesiredStateRequest;
import org.agentlifecycle.rest.request.HeartbeatRequest;
import org.agentlifecycle.rest.request.MoveRequest;
import org.agentlifecycle.rest.request.ProgressRequest;
import org.agentlifecycle.rest.request.RegisterRequest;
import org.agentlifecycle.rest.request.StartKillRequest;
import org.agentlifecycle.rest.request.WaitingRequest;
import org.agentlifecycle.rest.response.BatchResults;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The OpenAPI document, as tools read it. */
class OpenApiDocumentTest {
  private static final byte[] YAML = DocumentServlet.read("/META-INF/openapi.yaml");
  private static final JsonNode DOCUMENT = JsonMapper.shared().readTree(OpenApiServlet.json(YAML));

  private static final String TWO_CALLS =
      "{\"heartbeat\": {\"agentId\": \"a\"}, \"endSession\": {\"agentId\": \"a\"}}";

  @Test
  void yamlAndJsonAreValid() {
    for (byte[] document : List.of(YAML, OpenApiServlet.json(YAML))) {
      SwaggerParseResult result =
          new OpenAPIV3Parser()
              .readContents(new String(document, StandardCharsets.UTF_8), null, null);
      assertThat(result.getMessages()).isEmpty();
      OpenAPI openApi = result.getOpenAPI();
      assertThat(openApi.getPaths()).hasSizeGreaterThan(10);
    }
  }

  @Test
  void everyNullableSchemaHasAType() {
    List<JsonNode> nullable = DOCUMENT.findParents("nullable");
    assertThat(nullable).isNotEmpty().allMatch(schema -> schema.has("type"));
  }

  /** Generators invent names such as {@code CloseSession409Response} for schemas without one. */
  @Test
  void everyObjectOfABodyHasAName() {
    List<String> unnamed = new ArrayList<>();
    DOCUMENT
        .findValues("content")
        .forEach(
            content ->
                content.forEach(
                    media -> {
                      JsonNode schema = media.path("schema");
                      if (!schema.has("$ref")
                          && !schema.path("type").asString("").equals("string")) {
                        unnamed.add(schema.toString());
                      }
                    }));
    DOCUMENT.path("components").path("schemas").forEach(schema -> collectUnnamed(schema, unnamed));

    assertThat(unnamed).isEmpty();
  }

  private static void collectUnnamed(JsonNode schema, List<String> unnamed) {
    for (JsonNode property : schema.path("properties")) {
      for (JsonNode value : List.of(property, property.path("items"))) {
        if (value.has("properties")) {
          unnamed.add(value.toString());
        }
      }
    }
    schema.path("allOf").forEach(part -> collectUnnamed(part, unnamed));
  }

  /** A generated client returns the type of the first media type. */
  @Test
  void eventsAreJsonFirst() {
    JsonNode content = DOCUMENT.at("/paths/~1api~1v1~1events/get/responses/200/content");
    assertThat(content.propertyNames()).containsExactly("application/json", "text/event-stream");
  }

  @Test
  void batchHasTheLimitsAndTheCallsOfTheCode() {
    JsonNode schemas = DOCUMENT.at("/components/schemas");
    assertThat(schemas.at("/BatchRequest/properties/calls/maxItems").asInt())
        .isEqualTo(BatchService.MAX_CALLS);
    assertThat(DOCUMENT.at("/paths/~1api~1v1~1batches/post/responses/413/description").asString())
        .contains("%,d bytes".formatted(BodyBuffer.MAX_BATCH_LENGTH));
    assertThat(schemas.at("/BatchCall/properties").propertyNames())
        .containsExactlyElementsOf(members(BatchRequest.Call.class));
    assertThat(schemas.at("/BatchMove/properties").propertyNames())
        .containsExactlyElementsOf(members(BatchRequest.Move.class));
    assertThat(schemas.at("/BatchHeartbeat/properties").propertyNames())
        .containsExactlyElementsOf(members(BatchRequest.Heartbeat.class));
    assertThat(schemas.at("/BatchWaiting/properties").propertyNames())
        .containsExactlyElementsOf(members(BatchRequest.StartWaiting.class));
    assertThat(schemas.at("/BatchEndWaiting/properties").propertyNames())
        .containsExactlyElementsOf(members(BatchRequest.EndWaiting.class));
    assertThat(schemas.at("/BatchDesired/properties").propertyNames())
        .containsExactlyElementsOf(members(BatchRequest.SetDesired.class));
    assertThat(schemas.at("/BatchEndSession/properties").propertyNames())
        .containsExactlyElementsOf(members(BatchRequest.EndSession.class));
    assertThat(schemas.at("/BatchResult/properties").propertyNames())
        .containsExactlyElementsOf(members(BatchResults.Result.class));
  }

  @Test
  void requestsHaveTheMembersOfTheCode() {
    Map.of(
            "Registration", RegisterRequest.class,
            "TransitionRequest", MoveRequest.class,
            "HeartbeatRequest", HeartbeatRequest.class,
            "Progress", ProgressRequest.class,
            "WaitingRequest", WaitingRequest.class,
            "DesiredStateRequest", DesiredStateRequest.class,
            "KillRequest", StartKillRequest.class,
            "KillSelector", StartKillRequest.Selector.class)
        .forEach(
            (schema, type) ->
                assertThat(
                        DOCUMENT
                            .at("/components/schemas/" + schema + "/properties")
                            .propertyNames())
                    .as(schema)
                    .containsExactlyInAnyOrderElementsOf(members(type)));
  }

  @Test
  void eventsHaveTheTypesOfTheCode() {
    List<String> types =
        Arrays.stream(AgentEvent.Type.values()).map(AgentEvent.Type::wireName).toList();
    JsonNode asyncApi =
        JsonMapper.shared()
            .readTree(OpenApiServlet.json(DocumentServlet.read("/META-INF/asyncapi.yaml")));
    for (JsonNode schema :
        List.of(
            DOCUMENT.at("/components/schemas/EventType"),
            asyncApi.at("/components/schemas/Event/properties/type"))) {
      assertThat(schema.path("enum").valueStream().map(JsonNode::asString))
          .containsExactlyElementsOf(types);
    }
  }

  @Test
  void everyConflictIsDescribed() {
    String text = new String(YAML, StandardCharsets.UTF_8);
    assertThat(ProblemType.values())
        .filteredOn(type -> type.status() == 409)
        .allSatisfy(type -> assertThat(text).contains(type.uri().replaceFirst(".*:(.*)", "`$1`")));
  }

  /** The member {@code for} has another name in the code, because it is a keyword. */
  private static List<String> members(Class<? extends Record> type) {
    return Arrays.stream(type.getRecordComponents())
        .map(component -> component.getType() == Waiting.Kind.class ? "for" : component.getName())
        .toList();
  }

  @Test
  void everyExampleOfABatchMatchesItsSchema() {
    Schemas schemas = new Schemas(DOCUMENT);
    JsonNode post = DOCUMENT.at("/paths/~1api~1v1~1batches/post");
    for (JsonNode media :
        List.of(
            post.at("/requestBody/content/application~1json"),
            post.at("/responses/200/content/application~1json"))) {
      assertThat(media.path("examples")).isNotEmpty();
      for (JsonNode example : media.path("examples")) {
        assertThat(schemas.errors(media.path("schema"), example.path("value"))).isEmpty();
      }
    }
    JsonNode call = schemas.at("#/components/schemas/BatchCall");
    for (String invalid : List.of("{}", TWO_CALLS)) {
      assertThat(schemas.errors(call, JsonMapper.shared().readTree(invalid))).isNotEmpty();
    }
  }

  @Test
  void scalarsOfYamlHaveTheExpectedTypes() {
    for (String name : List.of("spawnedAt", "timestamp", "at", "openedAt")) {
      assertThat(DOCUMENT.findValues(name)).as(name).allMatch(v -> v.isString() || v.isObject());
    }
  }
}
