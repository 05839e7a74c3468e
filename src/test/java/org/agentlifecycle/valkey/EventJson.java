package org.agentlifecycle.valkey;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.CleanupEvent;
import org.agentlifecycle.agent.Desired;
import org.agentlifecycle.agent.DesiredEvent;
import org.agentlifecycle.agent.TransitionEvent;
import org.agentlifecycle.agent.Waiting;
import org.agentlifecycle.agent.WaitingEvent;
import org.agentlifecycle.agent.WireName;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Strict parser of an event: rejects unknown fields and other formats. */
final class EventJson {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private static final DateTimeFormatter MILLIS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private EventJson() {}

  static AgentEvent read(String text) {
    Map<String, Object> json =
        new LinkedHashMap<>(JSON.readValue(text, new TypeReference<Map<String, Object>>() {}));
    Instant timestamp = Instant.parse((String) json.remove("timestamp"));
    assertThat(text).contains("\"timestamp\":\"" + millis(timestamp) + "\"");
    AgentEvent event = read(json, timestamp);
    assertThat(json).as("unknown fields").isEmpty();
    return event;
  }

  private static AgentEvent read(Map<String, Object> json, Instant timestamp) {
    AgentEvent.Type type = AgentEvent.Type.ofWireName((String) json.remove("type")).orElseThrow();
    String id = (String) json.remove("id");
    String agentId = (String) json.remove("agentId");
    String taskId = (String) json.remove("taskId");
    long version = ((Number) json.remove("version")).longValue();
    if (type == AgentEvent.Type.CLEANUP) {
      return new CleanupEvent(
          id, agentId, taskId, timestamp, version, (Boolean) json.remove("confirmed"));
    }
    if (type == AgentEvent.Type.WAITING || type == AgentEvent.Type.RESUMED) {
      return new WaitingEvent(
          id, agentId, taskId, timestamp, version, waiting(type, json.remove("waiting")));
    }
    if (type == AgentEvent.Type.DESIRED) {
      String killId = (String) json.remove("killId");
      return new DesiredEvent(
          id, agentId, taskId, timestamp, version, desired(json.remove("desired")), killId);
    }
    TransitionEvent event =
        new TransitionEvent(
            id,
            agentId,
            taskId,
            timestamp,
            version,
            status(json.remove("from")),
            status(json.remove("to")),
            (String) json.remove("error"),
            (String) json.remove("reason"),
            (String) json.remove("actor"),
            (String) json.remove("killId"));
    assertThat(event.type()).isEqualTo(type);
    return event;
  }

  @SuppressWarnings("unchecked") // a JSON object
  private static Waiting waiting(AgentEvent.Type type, Object value) {
    assertThat(value != null).isEqualTo(type == AgentEvent.Type.WAITING);
    if (value == null) {
      return null;
    }
    Map<String, String> json = (Map<String, String>) value;
    Waiting waiting =
        new Waiting(
            WireName.find(Waiting.Kind.values(), json.remove("for")).orElseThrow(),
            json.remove("note"),
            json.remove("url"),
            Instant.parse(json.remove("since")));
    assertThat(json).as("unknown fields").isEmpty();
    return waiting;
  }

  @SuppressWarnings("unchecked") // a JSON object
  private static Desired desired(Object value) {
    Map<String, String> json = (Map<String, String>) value;
    String deadline = json.get("deadline");
    json.remove("deadline");
    Desired desired =
        new Desired(
            WireName.find(Desired.Mode.values(), json.remove("mode")).orElseThrow(),
            Instant.parse(json.remove("since")),
            deadline == null ? null : Instant.parse(deadline),
            json.remove("reason"));
    assertThat(json).as("unknown fields").isEmpty();
    return desired;
  }

  private static AgentStatus status(Object name) {
    return name == null ? null : AgentStatus.ofWireName((String) name).orElseThrow();
  }

  /** Parses an ISO-8601 time, which must have exactly three decimals. */
  static String millis(Instant instant) {
    return MILLIS.format(instant);
  }
}
