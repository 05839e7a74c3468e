package org.agentlifecycle.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.function.Supplier;
import org.agentlifecycle.harness.ServerProcess;
import tools.jackson.databind.JsonNode;

/**
 * Calls one server for leases, kills and admission. A call without any answer throws {@link
 * UncheckedIOException}.
 */
final class ControlClient {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final HttpClient HTTP =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  private final URI base;

  ControlClient(ServerProcess server) {
    base = server.baseUri().resolve("api/v1/");
  }

  /**
   * What a server answered.
   *
   * @param location its path alone: the same resource has another host on another server
   */
  record Reply(int status, String body, String location, String etag, String retryAfter) {
    JsonNode json() {
      return Answer.JSON.readTree(body);
    }

    String text(String member) {
      return json().path(member).asString();
    }

    /** The type of the problem without what all types begin with. */
    String problem() {
      return text("type").replaceFirst("^urn:problem-type:", "");
    }
  }

  Reply get(String path) {
    return send("GET", path, null);
  }

  Reply delete(String path) {
    return send("DELETE", path, null);
  }

  Reply put(String path, String json) {
    return send("PUT", path, json);
  }

  /**
   * @param headers names and values in turn
   */
  Reply post(String path, String json, String... headers) {
    return send("POST", path, json, headers);
  }

  Reply beat(String agentId) {
    return put("agents/" + agentId + "/heartbeat", "{}");
  }

  Reply move(String agentId, String to, String... headers) {
    return post("agents/" + agentId + "/transitions", "{\"to\":\"" + to + "\"}", headers);
  }

  JsonNode kill(String killId) {
    return get("kills/" + killId).json();
  }

  /** Calls again while the store is said to be away, which means that nothing was changed. */
  static Reply insist(Supplier<Reply> call) {
    Reply reply = call.get();
    while (reply.status() == 503 && reply.problem().equals("store-unavailable")) {
      reply = call.get();
    }
    return reply;
  }

  private Reply send(String method, String path, String json, String... headers) {
    HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path)).timeout(PATIENCE);
    if (json == null) {
      request.method(method, BodyPublishers.noBody());
    } else {
      request
          .method(method, BodyPublishers.ofString(json))
          .header("Content-Type", "application/json");
    }
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    try {
      HttpResponse<String> response = HTTP.send(request.build(), BodyHandlers.ofString());
      return new Reply(
          response.statusCode(),
          response.body(),
          response.headers().firstValue("Location").map(l -> URI.create(l).getPath()).orElse(""),
          response.headers().firstValue("ETag").orElse(""),
          response.headers().firstValue("Retry-After").orElse(""));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
