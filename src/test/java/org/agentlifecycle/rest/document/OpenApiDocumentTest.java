package org.agentlifecycle.rest.document;

import static org.assertj.core.api.Assertions.assertThat;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.SwaggerParseResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The OpenAPI document, as tools read it. */
class OpenApiDocumentTest {
  private static final byte[] YAML = DocumentServlet.read("/META-INF/openapi.yaml");
  private static final JsonNode DOCUMENT = JsonMapper.shared().readTree(OpenApiServlet.json(YAML));

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
  void scalarsOfYamlHaveTheExpectedTypes() {
    for (String name : List.of("spawnedAt", "timestamp", "at", "openedAt")) {
      assertThat(DOCUMENT.findValues(name)).as(name).allMatch(v -> v.isString() || v.isObject());
    }
  }
}
