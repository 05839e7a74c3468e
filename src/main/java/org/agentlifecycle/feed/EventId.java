package org.agentlifecycle.feed;

import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A place in the feed: milliseconds and a number among the events of that millisecond. Ids grow in
 * commit order.
 */
public record EventId(long ms, long sequence) implements Comparable<EventId> {

  /** Before everything: who starts here gets whatever the feed holds. */
  public static final EventId BEGINNING = new EventId(0, 0);

  private static final Pattern TEXT = Pattern.compile("(\\d{1,18})(?:-(\\d{1,19}))?");
  private static final Comparator<EventId> IN_FEED_ORDER =
      Comparator.comparingLong(EventId::ms).thenComparingLong(EventId::sequence);

  /**
   * Reads {@code 1763823600123-0}, or {@code 1763823600123} for the first of that millisecond.
   *
   * @throws IllegalArgumentException where the text is no such id
   */
  public static EventId parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("must be the id of an event, or 0 for the beginning");
    }
    String sequence = matcher.group(2);
    return new EventId(
        Long.parseLong(matcher.group(1)), sequence == null ? 0 : Long.parseLong(sequence));
  }

  /** The place right before this one: who reads on from there gets this event first. */
  public EventId before() {
    return sequence > 0 ? new EventId(ms, sequence - 1) : new EventId(ms - 1, Long.MAX_VALUE);
  }

  public boolean isAfter(EventId other) {
    return compareTo(other) > 0;
  }

  @Override
  public int compareTo(EventId other) {
    return IN_FEED_ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return ms + "-" + sequence;
  }
}
