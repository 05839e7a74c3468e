package org.agentlifecycle.feed;

import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * The newest events of the feed, bounded by their bytes and shared by all followers of a server.
 * One thread adds; any number of threads read, each from its own position.
 */
final class RecentEvents {
  private final ConcurrentSkipListMap<EventId, FeedEvent> events = new ConcurrentSkipListMap<>();
  private final long maxBytes;
  private final int generation;
  private long bytes;
  private volatile EventId startsAfter;
  private volatile EventId last;

  /**
   * @param maxBytes the maximum sum of {@link FeedEvent#bytes()}
   * @param start the position after which events will be added
   * @param generation the number of times that the feed was replaced before
   */
  RecentEvents(long maxBytes, EventId start, int generation) {
    this.maxBytes = maxBytes;
    this.generation = generation;
    startsAfter = start;
    last = start;
  }

  /** Adds the slice that follows {@link #last()} in the feed. */
  void add(FeedSlice slice) {
    for (FeedEvent event : slice.events()) {
      events.put(event.id(), event);
      bytes += event.bytes();
      last = event.id();
      removeOldest();
    }
    last = slice.end();
  }

  private void removeOldest() {
    while (bytes > maxBytes) {
      // Before the removal: otherwise a reader could skip the removed event.
      startsAfter = events.firstKey();
      bytes -= events.pollFirstEntry().getValue().bytes();
    }
  }

  /**
   * Returns the number of times that the feed was replaced; a position belongs to one generation.
   */
  int generation() {
    return generation;
  }

  /** Returns the position up to which the feed was read. */
  EventId last() {
    return last;
  }

  /** Returns whether every event between that position and {@link #last()} is here. */
  boolean covers(EventId position) {
    return !startsAfter.isAfter(position) && !position.isAfter(last);
  }

  /**
   * Returns the event after that position, or null if there is none. The caller must check {@link
   * #covers} afterwards, because events may have been removed meanwhile.
   */
  FeedEvent after(EventId position) {
    Map.Entry<EventId, FeedEvent> next = events.higherEntry(position);
    return next == null ? null : next.getValue();
  }
}
