package org.agentlifecycle.config;

/**
 * A configured value is invalid. The message names the key and the allowed values. It never
 * contains the value, because the value may be a secret.
 */
public class ConfigurationException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /**
   * @param key the key of the value
   * @param rule the allowed values, as "must be …"
   */
  public ConfigurationException(String key, String rule) {
    super(key + " " + rule);
  }
}
