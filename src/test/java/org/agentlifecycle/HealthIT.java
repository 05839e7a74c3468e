package org.agentlifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.agentlifecycle.harness.BuiltWar;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.arquillian.test.api.ArquillianResource;
import org.jboss.shrinkwrap.api.Archive;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Health checks of a server with a reachable store. */
@ExtendWith(ArquillianExtension.class)
class HealthIT {

  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @ArquillianResource private URL base;

  @Deployment(testable = false)
  static Archive<?> war() {
    return BuiltWar.archive();
  }

  @ParameterizedTest
  @ValueSource(strings = {"health/live", "health/ready", "health/started", "health"})
  void isUp(String path) throws IOException, InterruptedException, URISyntaxException {
    HttpResponse<String> response = get(base.toURI().resolve(path));

    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    assertThat(response.body()).contains("\"status\":\"UP\"");
  }

  /** Also with a slash at the end: Payara returns the complete health for every path. */
  @ParameterizedTest
  @ValueSource(strings = {"health/nope", "health/ready/", "health/live/x"})
  void unknownPathIsNotFound(String path)
      throws IOException, InterruptedException, URISyntaxException {
    assertThat(get(base.toURI().resolve(path)).statusCode()).isEqualTo(404);
  }

  @Test
  void checksAndTheirDataAreTheSameOnBothServers()
      throws IOException, InterruptedException, URISyntaxException {
    JsonNode health = new JsonMapper().readTree(get(base.toURI().resolve("health")).body());
    Map<String, List<String>> data = new TreeMap<>();
    for (JsonNode check : health.get("checks")) {
      for (Map.Entry<String, JsonNode> entry : check.get("data").properties()) {
        assertThat(entry.getValue().isString()).as(check.toString()).isTrue();
      }
      data.put(
          check.get("name").asString(),
          check.get("data").propertyNames().stream().sorted().toList());
    }
    assertThat(data)
        .containsOnly(
            entry("application", List.of()),
            entry("feed-reader", List.of("followers", "secondsSinceLastStep")),
            entry("records", List.of("damaged")),
            entry("store", List.of("evictionPolicy", "library", "server")),
            entry("sweeper", List.of()),
            entry("sweeper-schedule", List.of("secondsSinceLastPass")));
  }

  private static HttpResponse<String> get(URI uri) throws IOException, InterruptedException {
    return HTTP.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
  }
}
