package org.agentlifecycle.valkey;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.agentlifecycle.agent.AgentSettings;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.agent.Link;
import org.agentlifecycle.agent.Waiting;
import org.agentlifecycle.session.Progress;
import tools.jackson.databind.json.JsonMapper;

/** Arguments of functions. An absent argument is the empty string. */
final class FunctionArguments {
  private static final JsonMapper JSON = new JsonMapper();

  private FunctionArguments() {}

  static String optional(Object argument) {
    return argument == null ? "" : argument.toString();
  }

  /**
   * Returns the arguments of a call that may have an idempotency key: its own, then the key, the
   * fingerprint of the text, how long the reply is stored in milliseconds, and the fingerprint of
   * the content.
   *
   * @param key null: the call has none
   */
  static List<Object> withKey(IdempotencyKey key, AgentSettings settings, Object... arguments) {
    List<Object> all = new ArrayList<>(List.of(arguments));
    if (key != null) {
      all.add(key.key());
      all.add(key.textFingerprint());
      all.add(settings.idempotencyRetention().toMillis());
      all.add(key.fingerprint());
    }
    return all;
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

  /** Returns a JSON object without a time, which starts with {@code for}. */
  static String waiting(Waiting waiting) {
    Map<String, String> members = new LinkedHashMap<>();
    members.put("for", waiting.kind().wireName());
    members.put("note", waiting.note());
    members.put("url", waiting.url());
    members.values().removeIf(Objects::isNull);
    return JSON.writeValueAsString(members);
  }

  /** Returns a JSON object without absent members. */
  static String progress(Progress progress) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("current", progress.current());
    members.put("total", progress.total());
    members.put("message", progress.message());
    members.values().removeIf(Objects::isNull);
    return JSON.writeValueAsString(members);
  }

  /** Returns a JSON object. */
  static String labels(Map<String, String> labels) {
    return labels.isEmpty() ? "" : JSON.writeValueAsString(labels);
  }
}
