package org.agentlifecycle.rest;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/**
 * Instants as the contract has them: {@code 2026-11-22T15:00:00.123Z}. A page holds thousands, and
 * a {@code DateTimeFormatter} takes ten times as long.
 */
final class Timestamps {
  private Timestamps() {}

  /** Always with milliseconds, always in UTC; what is finer is cut. */
  static String text(Instant instant) {
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

  /** The number in as many digits as the unit of the first one says. */
  private static StringBuilder digits(StringBuilder text, int number, int unit) {
    for (int rest = number, place = unit; place > 0; rest %= place, place /= 10) {
      text.append((char) ('0' + rest / place));
    }
    return text;
  }
}
