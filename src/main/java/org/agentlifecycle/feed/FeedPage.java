package org.agentlifecycle.feed;

import java.util.List;

/**
 * One page of the feed.
 *
 * @param items oldest first
 * @param next where the next page begins; null where this was the last for now
 * @param gap what was trimmed before it; null: nothing
 */
public record FeedPage(List<FeedEvent> items, EventId next, Gap gap) {
  public FeedPage {
    items = List.copyOf(items);
  }
}
