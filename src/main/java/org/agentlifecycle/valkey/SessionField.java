package org.agentlifecycle.valkey;

import java.util.List;
import org.agentlifecycle.agent.Desired;
import org.agentlifecycle.agent.Waiting;
import org.agentlifecycle.agent.WireName;
import org.agentlifecycle.session.Progress;
import org.agentlifecycle.session.Session;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The fields of a session in a reply. Their order is that of {@code SESSION_FIELDS} in {@code
 * sessions.lua}. An absent field is null.
 */
enum SessionField {
  SPAWNED,
  BEAT,
  EXPIRES,
  CLEANUP,
  CONTEXT,
  PROGRESS,
  PROGRESSED,
  WAITING,
  WAITING_SINCE,
  DESIRED,
  DESIRED_SINCE,
  STOP_BY,
  DESIRED_REASON;

  private static final JsonMapper JSON = new JsonMapper();

  /** Reads a session from its fields. */
  static Session session(String agentId, List<Object> fields) {
    return new Session(
        agentId,
        ReplyReader.instant(fields, SPAWNED.ordinal()),
        ReplyReader.instant(fields, BEAT.ordinal()),
        ReplyReader.instant(fields, EXPIRES.ordinal()),
        ReplyReader.instant(fields, CLEANUP.ordinal()),
        progress(PROGRESS.in(fields)),
        ReplyReader.instant(fields, PROGRESSED.ordinal()),
        waiting(WAITING.in(fields), fields),
        desired(fields.subList(DESIRED.ordinal(), fields.size())),
        ReplyReader.json(fields, CONTEXT.ordinal()));
  }

  private String in(List<Object> fields) {
    return ReplyReader.text(fields, ordinal());
  }

  private static Progress progress(String json) {
    return json == null ? null : JSON.readValue(json, Progress.class);
  }

  private static Waiting waiting(String json, List<Object> fields) {
    if (json == null) {
      return null;
    }
    JsonNode waiting = JSON.readTree(json);
    return new Waiting(
        kind(waiting.path("for").stringValue(null)),
        waiting.path("note").stringValue(null),
        waiting.path("url").stringValue(null),
        ReplyReader.instant(fields, WAITING_SINCE.ordinal()));
  }

  private static Waiting.Kind kind(String name) {
    return WireName.find(Waiting.Kind.values(), name)
        .orElseThrow(() -> new IllegalArgumentException("not a kind of waiting: " + name));
  }

  /**
   * Reads a desired state.
   *
   * @param fields mode, since, deadline and reason
   * @return null if there is none
   */
  static Desired desired(List<Object> fields) {
    String mode = ReplyReader.text(fields, 0);
    if (mode == null) {
      return null;
    }
    return new Desired(
        WireName.find(Desired.Mode.values(), mode)
            .orElseThrow(() -> new IllegalArgumentException("not a mode: " + mode)),
        ReplyReader.instant(fields, 1),
        ReplyReader.instant(fields, 2),
        ReplyReader.text(fields, 3));
  }
}
