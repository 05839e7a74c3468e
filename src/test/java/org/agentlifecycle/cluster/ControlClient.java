package org.agentlifecycle.cluster;

import java.util.function.Supplier;
import org.agentlifecycle.harness.ServerProcess;
import tools.jackson.databind.JsonNode;

/** Calls one server about leases, kills and admission, as {@link ApiClient} does. */
final class ControlClient {
  private final ApiClient http;

  ControlClient(ServerProcess server) {
    http = new ApiClient(server);
  }

  /**
   * @param headers names and values in turn
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
   * @param headers names and values in turn
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

  /** Calls again while the store is said to be away, which means that nothing was changed. */
  static ApiResponse retryWhileUnavailable(Supplier<ApiResponse> call) {
    ApiResponse answer = call.get();
    while (answer.status() == 503 && answer.problem().equals("store-unavailable")) {
      answer = call.get();
    }
    return answer;
  }

  private ApiResponse send(String method, String path, String json, String... headers) {
    return http.send(method, "api/v1/" + path, json, headers);
  }
}
