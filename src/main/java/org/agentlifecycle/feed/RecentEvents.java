package org.agentlifecycle.feed;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * The last events of the feed: the one bounded queue that all live followers of a server share. One
 * thread adds; any number read, each from its own place.
 */
final class RecentEvents {
  private final ConcurrentSkipListMap<EventId, FeedEvent> events = new ConcurrentSkipListMap<>();
  private final int capacity;
  private int count;
  private volatile EventId base;
  private volatile EventId last;

  /**
   * @param capacity how many events are kept
   * @param start the place in the feed after which everything will be added
   */
  RecentEvents(int capacity, EventId start) {
    this.capacity = capacity;
    base = start;
    last = start;
  }

  /** Adds what follows {@link #last()} in the feed. */
  void add(List<FeedEvent> news) {
    for (FeedEvent event : news) {
      events.put(event.id(), event);
      last = event.id();
      if (++count > capacity) {
        // In this order, so that nobody takes the event after a removed one for the next.
        base = events.firstKey();
        events.pollFirstEntry();
        count--;
      }
    }
  }

  /** The place after which they begin. */
  EventId base() {
    return base;
  }

  /** The last event that was added, or the start. */
  EventId last() {
    return last;
  }

  /** Whether everything after that id is here. */
  boolean reachesBackTo(EventId cursor) {
    return !base.isAfter(cursor);
  }

  /**
   * The event that follows; null where there is none yet. It means nothing where {@link
   * #reachesBackTo} denies it afterwards: events may have been removed meanwhile.
   */
  FeedEvent after(EventId cursor) {
    Map.Entry<EventId, FeedEvent> next = events.higherEntry(cursor);
    return next == null ? null : next.getValue();
  }
}
