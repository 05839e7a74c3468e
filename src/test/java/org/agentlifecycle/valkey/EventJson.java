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
import org.agentlifecycle.agent.TransitionEvent;
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

  private static AgentStatus status(Object name) {
    return name == null ? null : AgentStatus.ofWireName((String) name).orElseThrow();
  }

  /** Parses an ISO-8601 time, which must have exactly three decimals. */
  static String millis(Instant instant) {
    return MILLIS.format(instant);
  }
}
