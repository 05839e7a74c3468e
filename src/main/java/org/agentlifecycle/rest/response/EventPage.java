package org.agentlifecycle.rest.response;

import java.util.List;
import org.agentlifecycle.feed.EventId;
import org.agentlifecycle.feed.FeedEvent;
import org.agentlifecycle.feed.FeedPage;
import org.agentlifecycle.feed.Gap;

/**
 * A page of the feed.
 *
 * @param gap the trimmed events before the first item; null: there are none
 * @param nextCursor position of the next page; null on the last page
 * @param head position up to which the page was read
 */
public record EventPage(Gap gap, List<FeedEvent> items, EventId nextCursor, EventId head) {

  public static EventPage of(FeedPage page) {
    return new EventPage(page.gap(), page.items(), page.more() ? page.head() : null, page.head());
  }
}
