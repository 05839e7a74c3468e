package org.agentlifecycle.feed;

import java.util.Map;
import java.util.Set;

/**
 * Criteria of the events that a client requests. An event must meet all of them.
 *
 * @param agentId the id of the agent; null: any
 * @param taskId the id of the task; null: any
 * @param types the types, of which an event has one; empty: any
 * @param labels keys and values; an event's agent must have each pair
 */
public record FeedFilter(
    String agentId, String taskId, Set<String> types, Map<String, Set<String>> labels) {

  /** Matches every event. */
  public static final FeedFilter ALL = new FeedFilter(null, null, Set.of(), Map.of());

  public FeedFilter {
    types = Set.copyOf(types);
    labels = Map.copyOf(labels);
  }

  /** Returns whether the event meets all criteria. */
  public boolean matches(FeedEvent event) {
    return (agentId == null || agentId.equals(event.agentId()))
        && (taskId == null || taskId.equals(event.taskId()))
        && (types.isEmpty() || types.contains(event.type()))
        && hasLabels(event.labels());
  }

  /** An agent has one value for each key, so that two values of a key match no event. */
  private boolean hasLabels(Map<String, String> found) {
    return labels.entrySet().stream()
        .allMatch(
            criterion -> {
              String value = found.get(criterion.getKey());
              return value != null && criterion.getValue().equals(Set.of(value));
            });
  }
}
