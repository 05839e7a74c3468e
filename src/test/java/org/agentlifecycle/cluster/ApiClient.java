package org.agentlifecycle.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.agentlifecycle.harness.ServerProcess;

/**
 * HTTP client of one server. A call without a response, or with a response after the timeout,
 * throws an {@link UncheckedIOException}.
 */
final class ApiClient {
  /** Much longer than any response should take. */
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  private static final HttpClient CLIENT =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  private final URI base;

  ApiClient(ServerProcess server) {
    base = server.baseUri();
  }

  /**
   * @param json the body, or null for a request without a body
   * @param headers header names and values, alternating
   */
  ApiResponse send(String method, String path, String json, String... headers) {
    BodyPublisher body = json == null ? BodyPublishers.noBody() : BodyPublishers.ofString(json);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(base.resolve(path)).timeout(TIMEOUT).method(method, body);
    if (json != null) {
      request.header("Content-Type", "application/json");
    }
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    try {
      return toApiResponse(CLIENT.send(request.build(), BodyHandlers.ofString()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static ApiResponse toApiResponse(HttpResponse<String> response) {
    String location = header(response, "Location");
    return new ApiResponse(
        response.statusCode(),
        header(response, "Content-Type"),
        response.body(),
        location.isEmpty() ? "" : URI.create(location).getPath(),
        header(response, "ETag"),
        header(response, "Retry-After"));
  }

  private static String header(HttpResponse<String> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }
}
