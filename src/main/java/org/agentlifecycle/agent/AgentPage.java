package org.agentlifecycle.agent;

import java.util.List;

/**
 * One page of a listing.
 *
 * @param items newest first; a page may have fewer items than the limit, because the work and the
 *     bytes of one page are bounded
 * @param next position of the next page, for {@link AgentQuery#before()}; null on the last page
 * @param unreadable ids of the agents whose records cannot be read
 */
public record AgentPage(List<Agent> items, Long next, List<String> unreadable) {

  /** Creates a page without unreadable records. */
  public AgentPage(List<Agent> items, Long next) {
    this(items, next, List.of());
  }

  public AgentPage {
    items = List.copyOf(items);
    unreadable = List.copyOf(unreadable);
  }
}
