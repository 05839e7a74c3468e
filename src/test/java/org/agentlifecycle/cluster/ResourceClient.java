package org.agentlifecycle.cluster;

import java.util.function.Supplier;
import org.agentlifecycle.harness.ServerProcess;
import tools.jackson.databind.JsonNode;

/** Client of one server with one method for each HTTP method, on paths below {@code /api/v1}. */
final class ResourceClient {
  private final ApiClient http;

  ResourceClient(ServerProcess server) {
    http = new ApiClient(server);
  }

  /**
   * Sends a request with headers.
   *
   * @param headers header names and values, alternating
   */
  ApiResponse get(String path, String... headers) {
    return send("GET", path, null, headers);
  }

  ApiResponse delete(String path) {
    return send("DELETE", path, null);
  }

  ApiResponse put(String path, String json) {
    return send("PUT", path, json);
  }

  /**
   * Sends a request with headers.
   *
   * @param headers header names and values, alternating
   */
  ApiResponse post(String path, String json, String... headers) {
    return send("POST", path, json, headers);
  }

  ApiResponse heartbeat(String agentId) {
    return put("agents/" + agentId + "/heartbeat", "{}");
  }

  ApiResponse move(String agentId, String to, String... headers) {
    return post("agents/" + agentId + "/transitions", "{\"to\":\"" + to + "\"}", headers);
  }

  JsonNode kill(String killId) {
    return get("kills/" + killId).json();
  }

  /**
   * Repeats a call while its response is {@code store-unavailable}, which means that nothing was
   * changed.
   */
  static ApiResponse retryWhileUnavailable(Supplier<ApiResponse> call) {
    ApiResponse response = call.get();
    while (response.status() == 503 && response.problem().equals("store-unavailable")) {
      response = call.get();
    }
    return response;
  }

  private ApiResponse send(String method, String path, String json, String... headers) {
    return http.send(method, "api/v1/" + path, json, headers);
  }
}
