package org.agentlifecycle.config;

import java.time.DateTimeException;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Durations of ISO 8601 in days, hours, minutes and seconds, for requests and for the
 * configuration. {@link Duration#parse} alone accepts signs, lower case letters and a decimal
 * comma.
 */
public final class IsoDuration {
  private static final Pattern STRICT =
      Pattern.compile(
          "P(?=[0-9T])(?:[0-9]{1,18}D)?"
              + "(?:T(?=[0-9])(?:[0-9]{1,18}H)?(?:[0-9]{1,18}M)?"
              + "(?:[0-9]{1,18}(?:\\.[0-9]{1,9})?S)?)?");

  private IsoDuration() {}

  /** Returns the duration, or empty if the text is not a duration of ISO 8601. */
  public static Optional<Duration> parse(String text) {
    if (!STRICT.matcher(text).matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Duration.parse(text));
    } catch (DateTimeException | ArithmeticException tooLong) {
      return Optional.empty();
    }
  }

  /** Returns the text of a duration of zero or more, with whole days as days: {@code P365D}. */
  public static String format(Duration duration) {
    long days = duration.toDays();
    Duration rest = duration.minusDays(days);
    if (days == 0) {
      return duration.toString();
    }
    return "P" + days + "D" + (rest.isZero() ? "" : rest.toString().substring(1));
  }
}
