package org.agentlifecycle.agent;

import java.util.Map;
import java.util.Set;

/**
 * Which agents a listing asks for, newest first. All filters combine.
 *
 * @param statuses one of these; empty: any
 * @param taskId of this task; null: any
 * @param labels with each of these labels; empty: any
 * @param sessionOpen with an open session, or without one; null: either
 * @param limit how many at most, 1 to {@value #MAX_LIMIT}
 * @param before only agents registered before the one with this sequence number; {@link #NEWEST}:
 *     all
 */
public record AgentQuery(
    Set<AgentStatus> statuses,
    String taskId,
    Map<String, Set<String>> labels,
    Boolean sessionOpen,
    int limit,
    long before) {

  /** How many agents one page holds at most. */
  public static final int MAX_LIMIT = 1000;

  /** How many agents a page holds unless told. */
  public static final int DEFAULT_LIMIT = 100;

  /** The start of a listing. */
  public static final long NEWEST = Long.MAX_VALUE;

  public AgentQuery {
    if (limit < 1 || limit > MAX_LIMIT) {
      throw new IllegalArgumentException("limit must be 1 to " + MAX_LIMIT);
    }
    statuses = Set.copyOf(statuses);
    labels = Map.copyOf(labels);
  }
}
