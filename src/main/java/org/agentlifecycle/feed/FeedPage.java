package org.agentlifecycle.feed;

import java.util.List;

/**
 * One page of the feed.
 *
 * @param items the events, oldest first
 * @param more whether the feed had more events when the page was read
 * @param head the position up to which the feed was read, and after which the next page begins
 * @param gap the gap before the items; null if there is none
 */
public record FeedPage(List<FeedEvent> items, boolean more, EventId head, Gap gap) {
  public FeedPage {
    items = List.copyOf(items);
  }
}
