package org.agentlifecycle.valkey;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.CleanupEvent;
import org.agentlifecycle.agent.CommittedTransition;
import org.agentlifecycle.agent.Ending;
import org.agentlifecycle.agent.Family;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.agent.Link;
import org.agentlifecycle.agent.Output;
import org.agentlifecycle.agent.RawJson;
import org.agentlifecycle.agent.Timeouts;
import org.agentlifecycle.agent.TransitionEvent;
import org.agentlifecycle.session.SweepResult;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Reads replies of functions: lists of texts and numbers, by position. Null means absent. */
final class ReplyReader {
  private static final JsonMapper JSON = new JsonMapper();
  private static final TypeReference<Map<String, String>> LABELS = new TypeReference<>() {};
  private static final TypeReference<List<Link>> LINKS = new TypeReference<>() {};

  private ReplyReader() {}

  static String text(Object element) {
    return element instanceof byte[] bytes ? new String(bytes, StandardCharsets.UTF_8) : null;
  }

  static String text(List<Object> reply, int index) {
    return text(reply.get(index));
  }

  static long number(Object element) {
    return element instanceof Long number ? number : Long.parseLong(text(element));
  }

  static Instant instant(List<Object> reply, int index) {
    return instant(text(reply, index));
  }

  private static Instant instant(String ms) {
    return ms == null ? null : Instant.ofEpochMilli(Long.parseLong(ms));
  }

  static RawJson json(List<Object> reply, int index) {
    return raw(text(reply, index));
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

  /** Reads an agent from its text, see {@link AgentField}. */
  static Agent agent(String agentId, Object element) {
    return parseRecord(agentId, () -> agent(agentId, AgentField.split(text(element))));
  }

  private static Agent agent(String agentId, String[] fields) {
    String confirmed = AgentField.CONFIRMED.in(fields);
    return new Agent(
        agentId,
        AgentField.TASK.in(fields),
        family(agentId, AgentField.ANCESTORS.in(fields)),
        status(AgentField.STATUS.in(fields)),
        Long.parseLong(AgentField.VERSION.in(fields)),
        instant(AgentField.SPAWNED.in(fields)),
        instant(AgentField.STARTED.in(fields)),
        instant(AgentField.COMPLETED.in(fields)),
        AgentField.ERROR.in(fields),
        timeouts(AgentField.START_TIMEOUT.in(fields), AgentField.RUN_TIMEOUT.in(fields)),
        labels(AgentField.LABELS.in(fields)),
        raw(AgentField.METADATA.in(fields)),
        output(fields),
        confirmed == null ? null : confirmed.equals("1"),
        Long.parseLong(AgentField.SEQ.in(fields)));
  }

  /**
   * @param ancestors the ids of the root … the parent, separated by slashes; null: none
   */
  static Family family(String agentId, String ancestors) {
    return ancestors == null ? Family.ofRoot(agentId) : Family.below(List.of(ancestors.split("/")));
  }

  /**
   * @param start the start timeout in ms; null: none
   * @param run the run timeout in ms; null: none
   */
  static Timeouts timeouts(String start, String run) {
    return start == null && run == null ? Timeouts.NONE : new Timeouts(millis(start), millis(run));
  }

  private static Duration millis(String ms) {
    return ms == null ? null : Duration.ofMillis(Long.parseLong(ms));
  }

  private static Output output(String[] fields) {
    String result = AgentField.RESULT.in(fields);
    String links = AgentField.LINKS.in(fields);
    return result == null && links == null
        ? Output.NONE
        : new Output(raw(result), links == null ? List.of() : JSON.readValue(links, LINKS));
  }

  private static RawJson raw(String json) {
    return json == null ? null : new RawJson(json);
  }

  private static Map<String, String> labels(String json) {
    return json == null ? Map.of() : JSON.readValue(json, LABELS);
  }

  /**
   * Reads a committed transition.
   *
   * @param step id of the event, its time in ms, and the status before
   * @param agentText the text of the agent after the transition
   */
  static CommittedTransition transition(
      String agentId,
      List<Object> step,
      Object agentText,
      String reason,
      String actor,
      String killId) {
    Agent agent = agent(agentId, agentText);
    return new CommittedTransition(
        agent,
        TransitionEvent.of(
            agent, text(step, 0), instant(step, 1), status(text(step, 2)), reason, actor, killId));
  }

  /**
   * Reads a transition that a sweep or a kill has committed.
   *
   * @param result id of the event, its time in ms, the status before, the id of the agent and its
   *     text
   */
  static CommittedTransition sweptTransition(
      List<Object> result, String reason, String actor, String killId) {
    return transition(text(result, 3), result.subList(0, 3), result.get(4), reason, actor, killId);
  }

  /**
   * Reads the reply of a sweep.
   *
   * @param parser reads the result for one agent
   */
  static <T> SweepResult<T> sweepResult(List<Object> reply, Function<List<Object>, T> parser) {
    return new SweepResult<>(
        Math.toIntExact(number(reply.get(0))),
        map(reply.subList(2, reply.size()), parser),
        list(reply.get(1)).stream().map(ReplyReader::text).toList());
  }

  /**
   * Reads how an agent ended: status, reason, error and kill.
   *
   * @param from the position of the status
   */
  static Ending ending(List<Object> reply, int from) {
    return new Ending(
        status(text(reply, from)),
        text(reply, from + 1),
        text(reply, from + 2),
        text(reply, from + 3));
  }

  /** Reads the event of a session that ended. */
  static CleanupEvent cleanup(List<Object> ended, boolean confirmed) {
    return new CleanupEvent(
        text(ended, 0),
        text(ended, 2),
        text(ended, 3),
        instant(ended, 1),
        number(ended.get(4)),
        confirmed);
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
