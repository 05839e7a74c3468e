package org.agentlifecycle.rest.document;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.agentlifecycle.rest.Schemas;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The structure of the AsyncAPI document. */
class AsyncApiDocumentTest {
  private static final JsonNode DOCUMENT =
      JsonMapper.shared()
          .readTree(OpenApiServlet.json(DocumentServlet.read("/META-INF/asyncapi.yaml")));

  private final Schemas schemas = new Schemas(DOCUMENT);

  @Test
  void everyReferenceExists() {
    assertThat(DOCUMENT.path("asyncapi").asString()).isEqualTo("3.0.0");
    assertThat(DOCUMENT.findValuesAsString("$ref"))
        .hasSizeGreaterThan(10)
        .allSatisfy(ref -> assertThat(schemas.at(ref).isMissingNode()).as(ref).isFalse());
  }

  @Test
  void everyOperationHasAChannelWithItsMessages() {
    for (JsonNode operation : DOCUMENT.path("operations")) {
      assertThat(operation.path("action").asString()).isEqualTo("send");
      JsonNode channel = schemas.resolved(operation.path("channel"));
      assertThat(channel.path("address").asString()).isNotBlank();
      for (JsonNode message : operation.path("messages")) {
        assertThat(schemas.resolved(message).path("payload").isObject()).isTrue();
      }
    }
  }

  @Test
  void everyExampleIsValid() {
    for (JsonNode message : DOCUMENT.at("/components/messages")) {
      List<JsonNode> examples = message.path("examples").valueStream().toList();
      assertThat(examples).isNotEmpty();
      for (JsonNode example : examples) {
        assertThat(schemas.errors(message.path("payload"), example.path("payload"))).isEmpty();
      }
    }
  }
}
