package org.agentlifecycle.feed;

import java.util.Set;
import org.agentlifecycle.agent.AgentEvent;

/**
 * Which events somebody wants. All parts combine.
 *
 * @param agentId of this agent; null: any
 * @param taskId of this task; null: any
 * @param types one of these; empty: any
 */
public record FeedFilter(String agentId, String taskId, Set<AgentEvent.Type> types) {

  /** Every event. */
  public static final FeedFilter ALL = new FeedFilter(null, null, Set.of());

  public FeedFilter {
    types = Set.copyOf(types);
  }

  public boolean selects(FeedEvent event) {
    return (agentId == null || agentId.equals(event.agentId()))
        && (taskId == null || taskId.equals(event.taskId()))
        && (types.isEmpty() || types.contains(event.type()));
  }
}
