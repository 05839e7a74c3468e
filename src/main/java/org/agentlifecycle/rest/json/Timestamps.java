package org.agentlifecycle.rest.json;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/**
 * Format of instants: {@code 2026-11-22T15:00:00.123Z}. A page has thousands of instants, and a
 * {@code DateTimeFormatter} takes ten times as long.
 */
final class Timestamps {
  private Timestamps() {}

  /** Returns the instant in UTC, truncated to milliseconds. */
  static String format(Instant instant) {
    LocalDateTime time =
        LocalDateTime.ofEpochSecond(instant.getEpochSecond(), instant.getNano(), ZoneOffset.UTC);
    StringBuilder text = new StringBuilder(24);
    digits(text, time.getYear(), 1000).append('-');
    digits(text, time.getMonthValue(), 10).append('-');
    digits(text, time.getDayOfMonth(), 10).append('T');
    digits(text, time.getHour(), 10).append(':');
    digits(text, time.getMinute(), 10).append(':');
    digits(text, time.getSecond(), 10).append('.');
    return digits(text, time.getNano() / 1_000_000, 100).append('Z').toString();
  }

  /** Appends the number with leading zeros; {@code unit} is the value of its first digit. */
  private static StringBuilder digits(StringBuilder text, int number, int unit) {
    for (int rest = number, place = unit; place > 0; rest %= place, place /= 10) {
      text.append((char) ('0' + rest / place));
    }
    return text;
  }
}
