package org.agentlifecycle.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.agentlifecycle.harness.BuiltWar;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.arquillian.test.api.ArquillianResource;
import org.jboss.shrinkwrap.api.Archive;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Base of the tests that call the running service over HTTP. */
@ExtendWith(ArquillianExtension.class)
abstract class ApiTestBase {
  static final String AGENTS = "/api/v1/agents";
  static final String JSON = "application/json";
  static final String PROBLEM = "application/problem+json";

  private static final JsonMapper MAPPER = new JsonMapper();
  private static final AtomicLong IDS = new AtomicLong(System.nanoTime());
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @ArquillianResource private URL base;

  @Deployment(testable = false)
  static Archive<?> war() {
    return BuiltWar.archive();
  }

  URI uri(String path) {
    try {
      return base.toURI().resolve(path);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns an id that no other test uses. */
  static String newId() {
    return "it-" + IDS.incrementAndGet();
  }

  HttpResponse<String> get(String path, String... headers) {
    return call("GET", path, null, headers);
  }

  /** Posts JSON; the headers may set another media type. */
  HttpResponse<String> post(String path, String body, String... headers) {
    boolean hasType = Stream.of(headers).anyMatch("Content-Type"::equals);
    return call(
        "POST",
        path,
        body,
        hasType
            ? headers
            : Stream.concat(Stream.of("Content-Type", JSON), Stream.of(headers))
                .toArray(String[]::new));
  }

  HttpResponse<String> call(String method, String path, String body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri(path))
            .timeout(Duration.ofSeconds(10))
            .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return send(request.build());
  }

  static HttpResponse<String> send(HttpRequest request) {
    try {
      return HTTP.send(request, BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Sends bytes that no HTTP client would send, and returns the complete response as text. */
  String raw(String head, byte[] body) {
    URI server = uri("/");
    try (Socket socket = new Socket(server.getHost(), server.getPort())) {
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write((head + "Connection: close\r\n\r\n").getBytes(StandardCharsets.UTF_8));
      socket.getOutputStream().write(body);
      socket.getOutputStream().flush();
      return answer(socket.getInputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reads until there is as much as the answer says there is, because not every server then closes.
   */
  private static String answer(InputStream stream) throws IOException {
    StringBuilder answer = new StringBuilder();
    Pattern complete = Pattern.compile("(?si).*\r\ncontent-length: (\\d+)\r\n.*?\r\n\r\n(.*)");
    for (int octet = stream.read(); octet >= 0; octet = stream.read()) {
      answer.append((char) octet);
      Matcher matcher = complete.matcher(answer);
      if (stream.available() == 0
          && matcher.matches()
          && matcher.group(2).length() >= Integer.parseInt(matcher.group(1))) {
        break;
      }
    }
    return answer.toString();
  }

  /** Registers an agent and returns its id. */
  String registered() {
    String id = newId();
    HttpResponse<String> answer = post(AGENTS, "{\"taskId\":\"t\",\"agentId\":\"" + id + "\"}");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    return id;
  }

  HttpResponse<String> move(String id, String body, String... headers) {
    return post(AGENTS + "/" + id + "/transitions", body, headers);
  }

  static JsonNode json(HttpResponse<String> answer) {
    return MAPPER.readTree(answer.body());
  }

  static JsonNode json(String text) {
    return MAPPER.readTree(text);
  }

  static String header(HttpResponse<?> answer, String name) {
    return answer.headers().firstValue(name).orElse(null);
  }

  /** Asserts that the response is a complete problem of this type. */
  static JsonNode assertProblem(HttpResponse<String> answer, int status, String type) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(header(answer, "Content-Type")).isEqualTo(PROBLEM);
    JsonNode problem = json(answer);
    assertThat(problem.path("type").asString()).isEqualTo("urn:problem-type:" + type);
    assertThat(problem.path("status").asInt()).isEqualTo(status);
    assertThat(problem.path("title").asString()).isNotBlank();
    assertThat(problem.path("detail").asString()).isNotBlank();
    assertThat(problem.path("instance").asString()).isEqualTo(answer.request().uri().getRawPath());
    return problem;
  }

  /** Asserts that the request is rejected because of exactly these fields. */
  static void assertRejected(HttpResponse<String> answer, String... fields) {
    JsonNode problem = assertProblem(answer, 400, "invalid-request");
    assertThat(problem.path("errors").valueStream().map(error -> error.path("field").asString()))
        .as(answer.body())
        .containsExactly(fields);
    assertThat(problem.path("errors").valueStream().map(error -> error.path("message").asString()))
        .allSatisfy(message -> assertThat(message).isNotBlank());
  }
}
