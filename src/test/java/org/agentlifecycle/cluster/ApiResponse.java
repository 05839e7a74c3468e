package org.agentlifecycle.cluster;

import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a server answered. What it did not answer is empty.
 *
 * @param location its path alone: the same resource has another host on another server
 */
record ApiResponse(
    int status, String contentType, String body, String location, String etag, String retryAfter) {
  private static final String PROBLEM = "application/problem+json";
  private static final Set<String> OF_THE_STORE =
      Set.of("503 store-unavailable", "504 outcome-unknown");

  static final JsonMapper JSON = JsonMapper.shared();

  JsonNode json() {
    return JSON.readTree(body);
  }

  String text(String member) {
    return json().path(member).asString();
  }

  List<JsonNode> items() {
    return List.copyOf(json().path("items").values());
  }

  /** What gets the next page; empty on the last one. */
  String cursor() {
    return json().has("nextCursor") ? "&cursor=" + text("nextCursor") : "";
  }

  boolean isSuccess() {
    return status / 100 == 2;
  }

  /** The type of the problem without what all types begin with; empty where it is no problem. */
  String problem() {
    return contentType.startsWith(PROBLEM)
        ? text("type").replaceFirst("^urn:problem-type:", "")
        : "";
  }

  /** One of the two problems that a store's fault may become, which tells when to try again. */
  boolean isStoreError() {
    return OF_THE_STORE.contains(status + " " + problem()) && !retryAfter.isEmpty();
  }
}
