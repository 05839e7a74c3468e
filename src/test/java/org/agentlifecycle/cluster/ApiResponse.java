package org.agentlifecycle.cluster;

import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Response of a server. The text of a missing header or body is empty.
 *
 * @param location path of the {@code Location} header, without the host, because the same resource
 *     has another host on another server
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

  /** Returns the query parameter that requests the next page; empty on the last page. */
  String cursor() {
    return json().has("nextCursor") ? "&cursor=" + text("nextCursor") : "";
  }

  boolean isSuccess() {
    return status / 100 == 2;
  }

  /** Returns the problem type without its common prefix; empty if the body is not a problem. */
  String problem() {
    return contentType.startsWith(PROBLEM)
        ? text("type").replaceFirst("^urn:problem-type:", "")
        : "";
  }

  /** Returns whether this is one of the two problems of an unavailable store, with a retry time. */
  boolean isStoreError() {
    return OF_THE_STORE.contains(status + " " + problem()) && !retryAfter.isEmpty();
  }
}
