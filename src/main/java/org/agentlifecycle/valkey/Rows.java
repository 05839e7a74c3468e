package org.agentlifecycle.valkey;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.CommittedTransition;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.agent.RawJson;
import org.agentlifecycle.agent.TransitionEvent;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Reads what functions answer: tables of text, by position, where null stands for absent. */
final class Rows {
  private static final JsonMapper JSON = new JsonMapper();
  private static final TypeReference<Map<String, String>> LABELS = new TypeReference<>() {};

  private Rows() {}

  static String text(Object cell) {
    return cell instanceof byte[] bytes ? new String(bytes, StandardCharsets.UTF_8) : null;
  }

  static String text(List<Object> row, int column) {
    return text(row.get(column));
  }

  static long number(Object cell) {
    return cell instanceof Long number ? number : Long.parseLong(text(cell));
  }

  static Instant instant(List<Object> row, int column) {
    String ms = text(row, column);
    return ms == null ? null : Instant.ofEpochMilli(Long.parseLong(ms));
  }

  static RawJson json(List<Object> row, int column) {
    String text = text(row, column);
    return text == null ? null : new RawJson(text);
  }

  static AgentStatus status(String name) {
    return AgentStatus.ofWireName(name)
        .orElseThrow(() -> new IllegalArgumentException("no status: " + name));
  }

  @SuppressWarnings("unchecked") // a table in a table
  static List<Object> row(Object cell) {
    return (List<Object>) cell;
  }

  /** An absent argument of a function. */
  static String orEmpty(Object argument) {
    return argument == null ? "" : argument.toString();
  }

  /** The idempotency key of a call, as functions take it. */
  static String key(IdempotencyKey key) {
    return key == null ? "" : key.key();
  }

  /** The fingerprint of the text of a call with a {@link #key}. */
  static String textFingerprint(IdempotencyKey key) {
    return key == null ? "" : key.textFingerprint();
  }

  /** The fingerprint of the content of a call with a {@link #key}. */
  static String fingerprint(IdempotencyKey key) {
    return key == null ? "" : key.fingerprint();
  }

  /** Reads an agent from the fields that {@code AGENT_FIELDS} of the library names. */
  static Agent agent(String agentId, List<Object> fields) {
    return parsed(
        agentId,
        () ->
            new Agent(
                agentId,
                text(fields, 2),
                status(text(fields, 0)),
                number(fields.get(1)),
                instant(fields, 3),
                instant(fields, 4),
                instant(fields, 5),
                text(fields, 6),
                labels(text(fields, 7)),
                json(fields, 8),
                confirmed(fields),
                number(fields.get(9))));
  }

  /** A response that an earlier release stored does not have this field. */
  private static Boolean confirmed(List<Object> fields) {
    String confirmed = fields.size() > 11 ? text(fields, 11) : null;
    return confirmed == null ? null : confirmed.equals("1");
  }

  /**
   * Reads a change from what functions say of a transition.
   *
   * @param step the event's id, its time in ms, and the status before
   * @param fields the agent's fields after it
   */
  static CommittedTransition change(
      String agentId, List<Object> step, List<Object> fields, String reason, String killId) {
    Agent agent = agent(agentId, fields);
    AgentStatus from = status(text(step, 2));
    return new CommittedTransition(
        agent, TransitionEvent.of(agent, text(step, 0), instant(step, 1), from, reason, killId));
  }

  /** Statuses as functions take them. */
  static String wireNames(Collection<AgentStatus> statuses) {
    return statuses.stream().map(AgentStatus::wireName).collect(Collectors.joining(","));
  }

  /** A function answered with a word that it does not know. */
  static LifecycleException unexpected(String function, List<Object> answer) {
    return LifecycleException.storeFault(function + " answered " + text(answer, 0), null);
  }

  static Map<String, String> labels(String json) {
    return json == null ? Map.of() : JSON.readValue(json, LABELS);
  }

  /** The labels as the library wants them; empty where there are none. */
  static String labels(Map<String, String> labels) {
    return labels.isEmpty() ? "" : JSON.writeValueAsString(labels);
  }

  /**
   * Reads something of an agent.
   *
   * @throws LifecycleException a store fault that names the agent, where what is there cannot be
   *     read
   */
  static <T> T parsed(String agentId, Supplier<T> reading) {
    try {
      return reading.get();
    } catch (JacksonException | IllegalArgumentException | NullPointerException unreadable) {
      throw LifecycleException.recordDamaged(agentId, unreadable);
    }
  }

  static <T> List<T> each(List<Object> rows, Function<List<Object>, T> reading) {
    return rows.stream().map(Rows::row).map(reading).toList();
  }
}
