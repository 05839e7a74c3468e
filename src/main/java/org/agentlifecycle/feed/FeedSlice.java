package org.agentlifecycle.feed;

import java.util.List;

/**
 * Part of the feed, read in one step.
 *
 * @param after the place it was read from
 * @param events what follows, oldest first
 * @param oldest the first event that the feed had then; null where it had none
 */
public record FeedSlice(EventId after, List<FeedEvent> events, EventId oldest) {
  public FeedSlice {
    events = List.copyOf(events);
  }

  /** What had been trimmed between that place and the events; null: nothing. */
  public Gap gap() {
    boolean trimmed = !after.equals(EventId.BEGINNING) && oldest != null && oldest.isAfter(after);
    return trimmed ? new Gap(after, oldest) : null;
  }
}
