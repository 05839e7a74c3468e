package org.agentlifecycle.agent;

import java.time.Instant;
import java.util.Map;

/**
 * One agent as it was at one version. All instants are the store's, in milliseconds.
 *
 * @param agentId unique in the namespace
 * @param taskId the task it works on
 * @param status where it is in its life
 * @param version 1 when registered, one more with each transition
 * @param spawnedAt when it was registered
 * @param startedAt when it first moved to running; null before
 * @param completedAt when it reached its final status; null before
 * @param error why it failed; null unless it did
 * @param labels what it can be selected by; never null
 * @param metadata the client's own object; null where none was given
 * @param sessionConfirmed after the session has ended: true if the runner ended it, false if the
 *     cleanup did; null while the session is open, and if an earlier release ended it
 * @param sequence the spawn sequence of the registration; {@link #UNKNOWN_SEQUENCE} in a response
 *     that an earlier release stored
 */
public record Agent(
    String agentId,
    String taskId,
    AgentStatus status,
    long version,
    Instant spawnedAt,
    Instant startedAt,
    Instant completedAt,
    String error,
    Map<String, String> labels,
    RawJson metadata,
    Boolean sessionConfirmed,
    long sequence) {

  /** The sequence of an agent whose sequence the store did not return. */
  public static final long UNKNOWN_SEQUENCE = 0;

  /** What may be an agent's or a task's id, as a regular expression. */
  public static final String ID_PATTERN = "[A-Za-z0-9][A-Za-z0-9._:-]{0,127}";

  /** What may be the key of a label, as a regular expression. */
  public static final String LABEL_KEY_PATTERN = "[A-Za-z0-9][A-Za-z0-9._/-]{0,62}";

  /** How many labels an agent may have. */
  public static final int MAX_LABELS = 16;

  /** How long the value of a label may be, in characters. */
  public static final int MAX_LABEL_VALUE_LENGTH = 128;

  /** How long an error or a reason may be, in characters. */
  public static final int MAX_TEXT_LENGTH = 4096;

  public Agent {
    labels = Map.copyOf(labels);
  }
}
