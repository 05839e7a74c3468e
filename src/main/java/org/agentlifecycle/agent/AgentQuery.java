package org.agentlifecycle.agent;

import java.util.Map;
import java.util.Set;

/**
 * Query of a listing, newest agents first. An agent must match all filters.
 *
 * @param statuses allowed statuses; empty: any
 * @param taskId the task; null: any
 * @param labels allowed values by key; empty: any
 * @param sessionOpen whether the session is open; null: both
 * @param supervision further filters
 * @param limit maximum number of agents, 1 to {@value #MAX_LIMIT}
 * @param before spawn sequence: only agents that were registered earlier; {@link #NEWEST}: all
 */
public record AgentQuery(
    Set<AgentStatus> statuses,
    String taskId,
    Map<String, Set<String>> labels,
    Boolean sessionOpen,
    SupervisionFilter supervision,
    int limit,
    long before) {

  /** Maximum number of agents of a page. */
  public static final int MAX_LIMIT = 1000;

  /** Default number of agents of a page. */
  public static final int DEFAULT_LIMIT = 100;

  /** The start of a listing. */
  public static final long NEWEST = Long.MAX_VALUE;

  /** A query without filters of the supervision. */
  public AgentQuery(
      Set<AgentStatus> statuses,
      String taskId,
      Map<String, Set<String>> labels,
      Boolean sessionOpen,
      int limit,
      long before) {
    this(statuses, taskId, labels, sessionOpen, SupervisionFilter.ALL, limit, before);
  }

  public AgentQuery {
    if (limit < 1 || limit > MAX_LIMIT) {
      throw new IllegalArgumentException("limit must be 1 to " + MAX_LIMIT);
    }
    statuses = Set.copyOf(statuses);
    labels = Map.copyOf(labels);
  }
}
