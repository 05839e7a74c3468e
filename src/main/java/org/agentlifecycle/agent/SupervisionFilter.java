package org.agentlifecycle.agent;

import java.time.Duration;
import java.util.Set;

/**
 * Filters of a listing by the supervision of agents. An agent must match all filters.
 *
 * @param parentId the parent; null: any
 * @param rootId the root of the tree; null: any
 * @param waitingFor what running agents wait for, one of these; empty: any agent
 * @param stalledFor running agents without progress for at least this time; null: any agent
 */
public record SupervisionFilter(
    String parentId, String rootId, Set<Waiting.Kind> waitingFor, Duration stalledFor) {

  /** Matches every agent. */
  public static final SupervisionFilter ALL = new SupervisionFilter(null, null, Set.of(), null);

  public SupervisionFilter {
    waitingFor = Set.copyOf(waitingFor);
  }
}
