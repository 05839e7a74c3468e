package org.agentlifecycle.agent;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Where an agent is in its life, and the only table of the moves that are legal. The store's
 * function is handed the sources of a move from here, so that the rule is written once.
 */
public enum AgentStatus {
  /** Registered; its process is being started. */
  SPAWNING,
  /** Its process works on the task. */
  RUNNING,
  /** Final: the work is done. */
  COMPLETED,
  /** Final: the work ended with an error, which the agent keeps. */
  FAILED,
  /** Final: somebody ended it; a late completion no longer counts. */
  KILLED;

  private final String wireName = name().toLowerCase(Locale.ROOT);

  /** The statuses an agent may move to from this one, in the order of their declaration. */
  public List<AgentStatus> next() {
    return switch (this) {
      case SPAWNING -> List.of(RUNNING, FAILED, KILLED);
      case RUNNING -> List.of(COMPLETED, FAILED, KILLED);
      case COMPLETED, FAILED, KILLED -> List.of();
    };
  }

  /** The statuses from which an agent may move to this one; empty for the first status. */
  public List<AgentStatus> sources() {
    return Arrays.stream(values()).filter(from -> from.next().contains(this)).toList();
  }

  /** Whether nothing comes after this status. */
  public boolean isFinal() {
    return next().isEmpty();
  }

  /** The name that clients and the store use: lower case. */
  public String wireName() {
    return wireName;
  }

  /** The status of that {@link #wireName()}; empty where there is none. */
  public static Optional<AgentStatus> ofWireName(String name) {
    return Arrays.stream(values()).filter(status -> status.wireName.equals(name)).findFirst();
  }
}
