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
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Reads an event as a client would, and minds everything a client might stumble over. */
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
    AgentEvent event =
        new AgentEvent(
            (String) json.remove("id"),
            AgentEvent.Type.ofWireName((String) json.remove("type")).orElseThrow(),
            (String) json.remove("agentId"),
            (String) json.remove("taskId"),
            timestamp,
            (String) json.remove("error"),
            ((Number) json.remove("version")).longValue(),
            status(json.remove("from")),
            status(json.remove("to")),
            (String) json.remove("reason"),
            (String) json.remove("actor"),
            (String) json.remove("killId"),
            (Boolean) json.remove("confirmed"));
    assertThat(json).as("fields that nobody knows").isEmpty();
    return event;
  }

  private static AgentStatus status(Object name) {
    return name == null ? null : AgentStatus.ofWireName((String) name).orElseThrow();
  }

  /** ISO-8601 with milliseconds, whatever they are. */
  static String millis(Instant instant) {
    return MILLIS.format(instant);
  }
}
