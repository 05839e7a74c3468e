package org.agentlifecycle.health;

import java.util.Map;
import java.util.TreeMap;

/**
 * Result of a health check.
 *
 * @param up whether the status is UP
 * @param data facts for the operator; text only, because Payara converts other types to text
 */
public record HealthReport(boolean up, Map<String, String> data) {

  public static HealthReport up(Map<String, String> data) {
    return new HealthReport(true, data);
  }

  /**
   * @param reason a constant, for monitoring
   */
  public static HealthReport down(String reason) {
    return new HealthReport(false, Map.of("reason", reason));
  }

  /** Returns the same report with one more fact. */
  public HealthReport with(String name, String value) {
    Map<String, String> more = new TreeMap<>(data);
    more.put(name, value);
    return new HealthReport(up, more);
  }
}
