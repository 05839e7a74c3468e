package org.agentlifecycle.agent;

import java.time.Instant;
import java.util.Map;

/**
 * An agent at one version. Instants are those of the store's clock, in milliseconds.
 *
 * @param agentId unique in the namespace
 * @param taskId the task of the agent
 * @param family its place in the tree of agents
 * @param status the status
 * @param version 1 after the registration; each transition increases it by 1
 * @param spawnedAt time of the registration
 * @param startedAt time of the first transition to running; null before
 * @param completedAt time of the transition to a final status; null before
 * @param error why the agent failed; null in every other status
 * @param timeouts its timeouts; not null
 * @param labels may be empty, not null
 * @param metadata JSON object of the client; null: none
 * @param output what the agent has produced; not null
 * @param sessionConfirmed after the session has ended: true if the runner ended it, false if the
 *     cleanup did; null while the session is open, and if an earlier release ended it
 * @param sequence the spawn sequence of the registration; {@link #UNKNOWN_SEQUENCE} in a response
 *     that an earlier release stored
 */
public record Agent(
    String agentId,
    String taskId,
    Family family,
    AgentStatus status,
    long version,
    Instant spawnedAt,
    Instant startedAt,
    Instant completedAt,
    String error,
    Timeouts timeouts,
    Map<String, String> labels,
    RawJson metadata,
    Output output,
    Boolean sessionConfirmed,
    long sequence) {

  /** The spawn sequence of an agent if the store did not return it. */
  public static final long UNKNOWN_SEQUENCE = 0;

  /** Regular expression of the ids of agents and tasks. */
  public static final String ID_PATTERN = "[A-Za-z0-9][A-Za-z0-9._:-]{0,127}";

  /** Regular expression of the keys of labels. */
  public static final String LABEL_KEY_PATTERN = "[A-Za-z0-9][A-Za-z0-9._/-]{0,62}";

  /** Maximum number of labels of an agent. */
  public static final int MAX_LABELS = 16;

  /** Maximum length of the value of a label, in characters. */
  public static final int MAX_LABEL_VALUE_LENGTH = 128;

  /** Maximum length of an error or a reason, in characters. */
  public static final int MAX_TEXT_LENGTH = 4096;

  /** Maximum depth of an agent in its tree. */
  public static final int MAX_DEPTH = 16;

  public Agent {
    labels = Map.copyOf(labels);
  }

  /** Returns when a spawning agent fails; null if it has no start timeout or is not spawning. */
  public Instant startDeadline() {
    return status == AgentStatus.SPAWNING && timeouts.start() != null
        ? spawnedAt.plus(timeouts.start())
        : null;
  }

  /** Returns when a running agent fails; null if it has no run timeout or is not running. */
  public Instant runDeadline() {
    return status == AgentStatus.RUNNING && timeouts.run() != null
        ? startedAt.plus(timeouts.run())
        : null;
  }
}
