package org.agentlifecycle.agent;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Status of an agent, and the transition table: the only definition of the legal transitions. The
 * function of the store receives the legal sources of a transition as an argument.
 */
public enum AgentStatus {
  /** The agent is registered; its process is being started. */
  SPAWNING,
  /** The process works on the task. */
  RUNNING,
  /** Final: the work is done. */
  COMPLETED,
  /** Final: the work ended with an error. */
  FAILED,
  /** Final: a caller killed the agent; a later completion is illegal. */
  KILLED;

  private static final Map<AgentStatus, List<AgentStatus>> SOURCES =
      new EnumMap<>(AgentStatus.class);
  private static final Map<String, AgentStatus> BY_WIRE_NAME = new HashMap<>();

  static {
    for (AgentStatus status : values()) {
      SOURCES.put(
          status, Arrays.stream(values()).filter(from -> from.next().contains(status)).toList());
      BY_WIRE_NAME.put(status.wireName, status);
    }
  }

  private final String wireName = name().toLowerCase(Locale.ROOT);

  /** Returns the statuses to which a transition from this one is legal. */
  public List<AgentStatus> next() {
    return switch (this) {
      case SPAWNING -> List.of(RUNNING, FAILED, KILLED);
      case RUNNING -> List.of(COMPLETED, FAILED, KILLED);
      case COMPLETED, FAILED, KILLED -> List.of();
    };
  }

  /** Returns the statuses from which a transition to this one is legal; empty for spawning. */
  public List<AgentStatus> sources() {
    return SOURCES.get(this);
  }

  /** Returns whether no transition from this status is legal. */
  public boolean isFinal() {
    return next().isEmpty();
  }

  /** Returns the name in JSON and in the store: lower case. */
  public String wireName() {
    return wireName;
  }

  /** Returns the status with this {@link #wireName()}; empty if there is none. */
  public static Optional<AgentStatus> ofWireName(String name) {
    return Optional.ofNullable(BY_WIRE_NAME.get(name));
  }
}
