package org.agentlifecycle.feed;

import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Position in the feed: milliseconds and a number among the events of that millisecond. Ids
 * increase in commit order.
 */
public record EventId(long ms, long sequence) implements Comparable<EventId> {

  /** The position before every event: a reader that starts here gets all stored events. */
  public static final EventId BEGINNING = new EventId(0, 0);

  private static final Pattern TEXT = Pattern.compile("([0-9]{1,18})(?:-([0-9]{1,19}))?");
  private static final Comparator<EventId> IN_FEED_ORDER =
      Comparator.comparingLong(EventId::ms).thenComparingLong(EventId::sequence);

  /**
   * Parses {@code 1763823600123-0}, or {@code 1763823600123} for the first of that millisecond.
   *
   * @throws IllegalArgumentException if the text is not an event id
   */
  public static EventId parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw invalid();
    }
    String sequence = matcher.group(2);
    try {
      return new EventId(
          Long.parseLong(matcher.group(1)), sequence == null ? 0 : Long.parseLong(sequence));
    } catch (NumberFormatException tooLarge) {
      throw invalid();
    }
  }

  private static IllegalArgumentException invalid() {
    return new IllegalArgumentException("must be the id of an event, or 0 for the beginning");
  }

  /**
   * Returns the position directly before this one: a reader that continues there gets this event
   * first.
   */
  public EventId predecessor() {
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
