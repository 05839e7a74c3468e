package org.agentlifecycle.valkey;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.CommittedTransition;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.agent.RawJson;
import org.agentlifecycle.agent.TransitionEvent;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Reads replies of functions: lists of texts and numbers, by position. Null means absent. */
final class ReplyReader {
  private static final JsonMapper JSON = new JsonMapper();
  private static final TypeReference<Map<String, String>> LABELS = new TypeReference<>() {};

  private ReplyReader() {}

  static String text(Object element) {
    return element instanceof byte[] bytes ? new String(bytes, StandardCharsets.UTF_8) : null;
  }

  static String text(List<Object> reply, int index) {
    return text(reply.get(index));
  }

  private static String text(List<Object> fields, AgentField field) {
    return text(fields, field.ordinal());
  }

  static long number(Object element) {
    return element instanceof Long number ? number : Long.parseLong(text(element));
  }

  static Instant instant(List<Object> reply, int index) {
    String ms = text(reply, index);
    return ms == null ? null : Instant.ofEpochMilli(Long.parseLong(ms));
  }

  private static Instant instant(List<Object> fields, AgentField field) {
    return instant(fields, field.ordinal());
  }

  static RawJson json(List<Object> reply, int index) {
    String text = text(reply, index);
    return text == null ? null : new RawJson(text);
  }

  static AgentStatus status(String name) {
    return AgentStatus.ofWireName(name)
        .orElseThrow(() -> new IllegalArgumentException("not a status: " + name));
  }

  @SuppressWarnings("unchecked") // a list in a list
  static List<Object> list(Object element) {
    return (List<Object>) element;
  }

  /** Reads each element of a reply, which is a list. */
  static <T> List<T> map(List<Object> reply, Function<List<Object>, T> reader) {
    return reply.stream().map(ReplyReader::list).map(reader).toList();
  }

  /** Reads an agent from its fields, in the order of {@link AgentField}. */
  static Agent agent(String agentId, List<Object> fields) {
    return parseRecord(
        agentId,
        () ->
            new Agent(
                agentId,
                text(fields, AgentField.TASK),
                status(text(fields, AgentField.STATUS)),
                number(fields.get(AgentField.VERSION.ordinal())),
                instant(fields, AgentField.SPAWNED),
                instant(fields, AgentField.STARTED),
                instant(fields, AgentField.COMPLETED),
                text(fields, AgentField.ERROR),
                labels(text(fields, AgentField.LABELS)),
                json(fields, AgentField.METADATA.ordinal()),
                confirmed(fields),
                number(fields.get(AgentField.SEQ.ordinal()))));
  }

  /** A reply that an earlier release stored does not have this field. */
  private static Boolean confirmed(List<Object> fields) {
    int index = AgentField.CONFIRMED.ordinal();
    String confirmed = fields.size() > index ? text(fields, index) : null;
    return confirmed == null ? null : confirmed.equals("1");
  }

  private static Map<String, String> labels(String json) {
    return json == null ? Map.of() : JSON.readValue(json, LABELS);
  }

  /**
   * Reads a committed transition.
   *
   * @param step id of the event, its time in ms, and the status before
   * @param fields the fields of the agent after the transition
   */
  static CommittedTransition transition(
      String agentId, List<Object> step, List<Object> fields, String reason, String killId) {
    Agent agent = agent(agentId, fields);
    AgentStatus from = status(text(step, 2));
    return new CommittedTransition(
        agent, TransitionEvent.of(agent, text(step, 0), instant(step, 1), from, reason, killId));
  }

  /**
   * Parses data of one agent.
   *
   * @throws LifecycleException with the id of the agent, if its record is damaged
   */
  static <T> T parseRecord(String agentId, Supplier<T> parser) {
    try {
      return parser.get();
    } catch (JacksonException | IllegalArgumentException | NullPointerException damaged) {
      throw LifecycleException.recordDamaged(agentId, damaged);
    }
  }

  /** Returns the fault of a reply that is not documented. */
  static LifecycleException unexpectedReply(String function, List<Object> reply) {
    return LifecycleException.storeFault(
        "unexpected reply of function " + function + ": " + text(reply, 0), null);
  }
}
