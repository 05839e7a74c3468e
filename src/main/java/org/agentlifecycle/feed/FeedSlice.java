package org.agentlifecycle.feed;

import java.util.List;

/**
 * Part of the feed, read in one step of the store.
 *
 * @param after the position after which it was read
 * @param found whether the feed contained an event at that position
 * @param events the events that follow, oldest first; an entry that cannot be read is left out
 * @param end the position up to which it was read
 * @param oldest the first event of the feed; null if the feed was empty
 * @param newest the last event of the feed; null if the feed was empty
 */
public record FeedSlice(
    EventId after,
    boolean found,
    List<FeedEvent> events,
    EventId end,
    EventId oldest,
    EventId newest) {
  public FeedSlice {
    events = List.copyOf(events);
  }

  private boolean isEmptyFeed() {
    return oldest == null;
  }

  /** Returns whether the feed has events after {@link #end()}. */
  public boolean hasMore() {
    return newest != null && newest.isAfter(end);
  }

  /**
   * Returns whether the position lies beyond the newest event: the store was restored or replaced.
   */
  public boolean isBeyondNewest() {
    return newest != null && after.isAfter(newest);
  }

  /**
   * Returns the gap between the position and the events, or null if there is none. An empty feed
   * has no gap yet: the gap follows with its first event.
   */
  public Gap gap() {
    if (isEmptyFeed() || after.equals(EventId.BEGINNING)) {
      return null;
    }
    boolean trimmed = oldest.predecessor().isAfter(after);
    return trimmed || isBeyondNewest() ? new Gap(after, oldest) : null;
  }

  /**
   * Returns the gap of a position that was the id of an event when it was read: if the feed no
   * longer contains it, it was trimmed or the feed is another one.
   */
  public Gap gapOfKnownEvent() {
    boolean lost = !isEmptyFeed() && !after.equals(EventId.BEGINNING) && !found;
    return lost ? new Gap(after, oldest) : null;
  }

  /**
   * Returns whether the feed is not the one that contained the event at the position, or was
   * trimmed.
   */
  boolean isReplaced() {
    return !after.equals(EventId.BEGINNING) && !found;
  }

  /** Returns whether the position lies before the first event, so that the events begin with it. */
  boolean startsAtOldest() {
    return oldest != null && oldest.isAfter(after);
  }
}
