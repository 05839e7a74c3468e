package org.agentlifecycle.config;

import java.time.Duration;
import java.util.Optional;

/**
 * A key whose value is a duration.
 *
 * @param name the name of the key
 * @param min the shortest allowed duration
 * @param max the longest allowed duration
 */
public record DurationKey(String name, Duration min, Duration max) {

  /**
   * Returns the configured duration.
   *
   * @throws ConfigurationException if it is not set or invalid
   */
  public Duration read(Configuration configuration) {
    return readOptional(configuration).orElseThrow(this::invalid);
  }

  /**
   * Returns the configured duration, or empty if it is not set.
   *
   * @throws ConfigurationException if it is invalid
   */
  public Optional<Duration> readOptional(Configuration configuration) {
    return configuration
        .text(name, rule())
        .map(text -> check(IsoDuration.parse(text).orElseThrow(this::invalid)));
  }

  /**
   * Returns the duration.
   *
   * @throws ConfigurationException if it is out of range
   */
  public Duration check(Duration value) {
    if (!allows(value)) {
      throw invalid();
    }
    return value;
  }

  /** Returns whether the duration is in the range. */
  public boolean allows(Duration value) {
    return value.compareTo(min) >= 0 && value.compareTo(max) <= 0;
  }

  /** Returns the allowed values, as "must be …". */
  public String rule() {
    return "must be an ISO-8601 duration from "
        + IsoDuration.format(min)
        + " to "
        + IsoDuration.format(max);
  }

  private ConfigurationException invalid() {
    return new ConfigurationException(name, rule());
  }
}
