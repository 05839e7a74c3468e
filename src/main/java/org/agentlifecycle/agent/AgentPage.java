package org.agentlifecycle.agent;

import java.util.List;

/**
 * One page of a listing.
 *
 * @param items newest first; may be fewer than the limit, or none, although there is a next page,
 *     because the work and the bytes of one page are bounded
 * @param before where the next page begins, for {@link AgentQuery#before()}; null on the last page
 * @param unreadable the ids of the agents that the page leaves out, because their records cannot be
 *     read
 */
public record AgentPage(List<Agent> items, Long before, List<String> unreadable) {

  /** A page without unreadable records. */
  public AgentPage(List<Agent> items, Long before) {
    this(items, before, List.of());
  }

  public AgentPage {
    items = List.copyOf(items);
    unreadable = List.copyOf(unreadable);
  }
}
