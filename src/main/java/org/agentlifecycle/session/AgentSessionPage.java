package org.agentlifecycle.session;

import java.util.List;

/**
 * One page of a listing of agents with their sessions.
 *
 * @param items newest first; as in {@code AgentPage}, there may be fewer than the limit
 * @param next the position of the next page, for {@code AgentQuery.before()}; null on the last page
 * @param unreadable the ids of the agents whose records cannot be read
 */
public record AgentSessionPage(List<AgentSession> items, Long next, List<String> unreadable) {
  public AgentSessionPage {
    items = List.copyOf(items);
    unreadable = List.copyOf(unreadable);
  }
}
