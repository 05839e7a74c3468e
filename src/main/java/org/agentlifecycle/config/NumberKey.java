package org.agentlifecycle.config;

/**
 * A key whose value is a whole number.
 *
 * @param name the name of the key
 * @param min the smallest allowed number
 * @param max the largest allowed number
 */
public record NumberKey(String name, long min, long max) {

  /**
   * Returns the configured number.
   *
   * @throws ConfigurationException if it is not set or invalid
   */
  public long read(Configuration configuration) {
    String text = configuration.text(name, rule()).orElseThrow(this::invalid);
    // ASCII digits only: Long.parseLong accepts signs and the digits of every script.
    if (!text.matches("[0-9]{1,18}")) {
      throw invalid();
    }
    return check(Long.parseLong(text));
  }

  /**
   * Returns the number.
   *
   * @throws ConfigurationException if it is out of range
   */
  public long check(long value) {
    if (value < min || value > max) {
      throw invalid();
    }
    return value;
  }

  private String rule() {
    return "must be a whole number from " + min + " to " + max;
  }

  private ConfigurationException invalid() {
    return new ConfigurationException(name, rule());
  }
}
