package org.agentlifecycle.valkey;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.agentlifecycle.agent.AgentSettings;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.agent.Link;
import tools.jackson.databind.json.JsonMapper;

/** Arguments of functions. An absent argument is the empty string. */
final class FunctionArguments {
  private static final JsonMapper JSON = new JsonMapper();

  private FunctionArguments() {}

  static String optional(Object argument) {
    return argument == null ? "" : argument.toString();
  }

  static String idempotencyKey(IdempotencyKey key) {
    return key == null ? "" : key.key();
  }

  /** Returns the fingerprint of the text of a call. */
  static String textFingerprint(IdempotencyKey key) {
    return key == null ? "" : key.textFingerprint();
  }

  /** Returns the fingerprint of the content of a call. */
  static String fingerprint(IdempotencyKey key) {
    return key == null ? "" : key.fingerprint();
  }

  /** Returns how long the reply to a call is stored, in milliseconds. */
  static Object retention(IdempotencyKey key, AgentSettings settings) {
    return key == null ? "" : settings.idempotencyRetention().toMillis();
  }

  /** Returns the number of arguments without the absent ones at the end. */
  static int countPresent(Object... arguments) {
    int count = arguments.length;
    while (count > 0 && "".equals(arguments[count - 1])) {
      count--;
    }
    return count;
  }

  /** Returns a comma list. */
  static String statuses(Collection<AgentStatus> statuses) {
    return statuses.stream().map(AgentStatus::wireName).collect(Collectors.joining(","));
  }

  /** Returns a JSON array. */
  static String links(List<Link> links) {
    return links.isEmpty() ? "" : JSON.writeValueAsString(links);
  }

  /** Returns a JSON object. */
  static String labels(Map<String, String> labels) {
    return labels.isEmpty() ? "" : JSON.writeValueAsString(labels);
  }
}
