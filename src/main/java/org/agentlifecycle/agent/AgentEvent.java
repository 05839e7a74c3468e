package org.agentlifecycle.agent;

import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** A committed event: an entry of the feed, and the CDI event that the service fires. */
public sealed interface AgentEvent
    permits TransitionEvent, CleanupEvent, WaitingEvent, DesiredEvent {

  /** Returns the id in the feed. Ids increase in commit order. */
  String id();

  Type type();

  String agentId();

  String taskId();

  /** Returns the time of the store's clock. */
  Instant timestamp();

  /** Returns the version of the agent after the event. */
  long version();

  /** Types of events. */
  enum Type {
    SPAWNED,
    RUNNING,
    COMPLETED,
    FAILED,
    KILLED,
    /** The session of the agent has ended. */
    CLEANUP,
    /** The agent waits for somebody. */
    WAITING,
    /** The agent waits no longer, and is still running. */
    RESUMED,
    /** The desired state has changed. */
    DESIRED;

    private final String wireName = "agent." + name().toLowerCase(Locale.ROOT);

    /** Returns the name in JSON and in the feed: {@code agent.spawned}. */
    public String wireName() {
      return wireName;
    }

    /** Returns the type with this {@link #wireName()}; empty if there is none. */
    public static Optional<Type> ofWireName(String name) {
      return Arrays.stream(values()).filter(type -> type.wireName.equals(name)).findFirst();
    }

    /** Returns the type of the event of a transition. */
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
