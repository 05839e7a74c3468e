package org.agentlifecycle.cluster;

import java.util.ArrayList;
import java.util.List;
import org.agentlifecycle.harness.ServerProcess;
import tools.jackson.databind.JsonNode;

/** Client of one server with one method for each operation on agents and sessions. */
final class AgentClient {
  private final ApiClient http;

  AgentClient(ServerProcess server) {
    http = new ApiClient(server);
  }

  ApiResponse register(String agentId, String taskId) {
    return post("api/v1/agents", "{\"agentId\":\"" + agentId + "\",\"taskId\":\"" + taskId + "\"}");
  }

  /** Requests a transition to any status. */
  ApiResponse move(String agentId, String to, String reason) {
    String error = to.equals("failed") ? ",\"error\":\"exit code 1\"" : "";
    return post(
        "api/v1/agents/" + agentId + "/transitions",
        "{\"to\":\"" + to + "\",\"reason\":\"" + reason + "\"" + error + "}");
  }

  ApiResponse agent(String agentId) {
    return get("api/v1/agents/" + agentId);
  }

  ApiResponse history(String agentId) {
    return get("api/v1/agents/" + agentId + "/transitions");
  }

  ApiResponse session(String agentId) {
    return get("api/v1/agents/" + agentId + "/session");
  }

  ApiResponse endSession(String agentId) {
    return http.send("DELETE", "api/v1/agents/" + agentId + "/session", null);
  }

  ApiResponse removeDamaged(String agentId) {
    return http.send("DELETE", "api/v1/agents/" + agentId, null);
  }

  ApiResponse stats() {
    return get("api/v1/stats");
  }

  /**
   * Returns the response of a health check.
   *
   * @param check {@code live}, {@code ready} or {@code started}
   */
  ApiResponse health(String check) {
    return get("health/" + check);
  }

  /** Returns all agents of a listing; each page is requested from the next server. */
  static List<JsonNode> listAll(List<AgentClient> servers, String query) {
    List<JsonNode> agents = new ArrayList<>();
    String cursor = "";
    for (int page = 0; page == 0 || !cursor.isEmpty(); page++) {
      ApiResponse response = servers.get(page % servers.size()).agents(query + cursor);
      agents.addAll(response.items());
      cursor = response.cursor();
    }
    return agents;
  }

  /** Returns one page of a listing. */
  ApiResponse agents(String query) {
    return get("api/v1/agents?" + query);
  }

  private ApiResponse get(String path) {
    return http.send("GET", path, null);
  }

  private ApiResponse post(String path, String json) {
    return http.send("POST", path, json);
  }
}
