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
import java.util.ArrayList;
import java.util.List;
import org.agentlifecycle.harness.ServerProcess;
import tools.jackson.databind.JsonNode;

/**
 * Calls one server. A call without any answer throws {@link UncheckedIOException}, one that is not
 * answered for long too.
 */
final class Client {
  /** Much longer than any answer should take. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final HttpClient HTTP =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  private final URI base;

  Client(ServerProcess server) {
    base = server.baseUri();
  }

  Answer register(String agentId, String taskId) {
    return post("api/v1/agents", "{\"agentId\":\"" + agentId + "\",\"taskId\":\"" + taskId + "\"}");
  }

  /** A move to any status; the reason says who asked. */
  Answer move(String agentId, String to, String reason) {
    String error = to.equals("failed") ? ",\"error\":\"exit code 1\"" : "";
    return post(
        "api/v1/agents/" + agentId + "/transitions",
        "{\"to\":\"" + to + "\",\"reason\":\"" + reason + "\"" + error + "}");
  }

  Answer agent(String agentId) {
    return get("api/v1/agents/" + agentId);
  }

  Answer history(String agentId) {
    return get("api/v1/agents/" + agentId + "/transitions");
  }

  Answer session(String agentId) {
    return get("api/v1/agents/" + agentId + "/session");
  }

  Answer closeSession(String agentId) {
    return send(request("api/v1/agents/" + agentId + "/session").DELETE());
  }

  Answer stats() {
    return get("api/v1/stats");
  }

  /** {@code live}, {@code ready} or {@code started}. */
  Answer health(String what) {
    return get("health/" + what);
  }

  /** All agents that a listing selects, each page by the next server. */
  static List<JsonNode> walk(List<Client> servers, String query) {
    List<JsonNode> agents = new ArrayList<>();
    String cursor = "";
    for (int page = 0; page == 0 || !cursor.isEmpty(); page++) {
      Answer answer = servers.get(page % servers.size()).agents(query + cursor);
      agents.addAll(answer.items());
      cursor = answer.cursor();
    }
    return agents;
  }

  /** One page of a listing. */
  Answer agents(String query) {
    return get("api/v1/agents?" + query);
  }

  private Answer get(String path) {
    return send(request(path).GET());
  }

  private Answer post(String path, String json) {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(json)));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(base.resolve(path)).timeout(PATIENCE);
  }

  private static Answer send(HttpRequest.Builder request) {
    try {
      HttpResponse<String> response = HTTP.send(request.build(), BodyHandlers.ofString());
      return new Answer(
          response.statusCode(),
          response.headers().firstValue("Content-Type").orElse(""),
          response.headers().firstValue("Retry-After").orElse(""),
          response.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
