package org.agentlifecycle.agent;

import java.util.List;

/**
 * One page of a listing.
 *
 * @param items newest first
 * @param before where the next page begins, for {@link AgentQuery#before()}; null on the last page
 */
public record AgentPage(List<Agent> items, Long before) {
  public AgentPage {
    items = List.copyOf(items);
  }
}
