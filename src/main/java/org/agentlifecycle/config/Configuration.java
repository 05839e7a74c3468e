package org.agentlifecycle.config;

import jakarta.enterprise.context.Dependent;
import java.util.Optional;
import java.util.function.Function;
import org.eclipse.microprofile.config.ConfigProvider;

/**
 * The configured values, as text. The service converts them itself, because a server logs the value
 * that it cannot convert, passwords included.
 */
@Dependent
public class Configuration {
  private final Function<String, Optional<String>> values;

  /** Reads MicroProfile Config. */
  public Configuration() {
    this(key -> ConfigProvider.getConfig().getOptionalValue(key, String.class));
  }

  /**
   * @param values returns the value of a key, or empty if the key is not set
   */
  public Configuration(Function<String, Optional<String>> values) {
    this.values = values;
  }

  /**
   * Returns the value of a key, or empty if it is not set or has no characters.
   *
   * @param rule the allowed values, as "must be …"
   * @throws ConfigurationException if the server cannot read the value
   */
  public Optional<String> text(String key, String rule) {
    try {
      return values.apply(key).filter(value -> !value.isEmpty());
    } catch (RuntimeException unreadable) {
      // Without its cause: the server's message may contain the value.
      throw new ConfigurationException(key, rule);
    }
  }
}
