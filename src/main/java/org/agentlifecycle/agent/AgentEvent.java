package org.agentlifecycle.agent;

import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Something that happened to an agent and is committed: the entry of the feed, and the CDI event
 * that {@link AgentLifecycle} fires. Components that do not apply are null.
 *
 * @param id the feed's id of it; ids grow in commit order
 * @param type what kind of thing happened
 * @param agentId the agent it happened to
 * @param taskId the agent's task
 * @param timestamp when, by the store's clock
 * @param error why the agent failed
 * @param version the agent's version after it
 * @param from the status before a transition
 * @param to the status after a transition; of a cleanup, null
 * @param reason why somebody asked for it
 * @param actor who asked for it
 * @param killId the bulk kill that it belongs to
 * @param confirmed of a cleanup: true where the runner ended the session, false where the delay did
 */
public record AgentEvent(
    String id,
    Type type,
    String agentId,
    String taskId,
    Instant timestamp,
    String error,
    long version,
    AgentStatus from,
    AgentStatus to,
    String reason,
    String actor,
    String killId,
    Boolean confirmed) {

  /**
   * The event of the transition that brought the agent where it is.
   *
   * @param from the status before; null where it was registered
   */
  public static AgentEvent ofTransition(
      Agent agent, String id, Instant at, AgentStatus from, String reason, String killId) {
    return new AgentEvent(
        id,
        Type.of(agent.status()),
        agent.agentId(),
        agent.taskId(),
        at,
        agent.error(),
        agent.version(),
        from,
        agent.status(),
        reason,
        null,
        killId,
        null);
  }

  /** The event of the end of an agent's session. */
  public static AgentEvent ofCleanup(
      String agentId, String taskId, long version, String id, Instant at, boolean confirmed) {
    return new AgentEvent(
        id,
        Type.CLEANUP,
        agentId,
        taskId,
        at,
        null,
        version,
        null,
        null,
        null,
        null,
        null,
        confirmed);
  }

  /** The kinds of events. */
  public enum Type {
    SPAWNED,
    RUNNING,
    COMPLETED,
    FAILED,
    KILLED,
    /** The agent's session is gone. */
    CLEANUP;

    private final String wireName = "agent." + name().toLowerCase(Locale.ROOT);

    /** The name that clients and the feed use: {@code agent.spawned}. */
    public String wireName() {
      return wireName;
    }

    /** The type of that {@link #wireName()}; empty where there is none. */
    public static Optional<Type> ofWireName(String name) {
      return Arrays.stream(values()).filter(type -> type.wireName.equals(name)).findFirst();
    }

    /** The type of the event that a transition to that status emits. */
    public static Type of(AgentStatus to) {
      return switch (to) {
        case SPAWNING -> SPAWNED;
        case RUNNING -> RUNNING;
        case COMPLETED -> COMPLETED;
        case FAILED -> FAILED;
        case KILLED -> KILLED;
      };
    }
  }
}
