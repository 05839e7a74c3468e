package org.agentlifecycle.valkey;

import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import java.util.regex.Pattern;
import org.agentlifecycle.config.Configuration;
import org.agentlifecycle.config.ConfigurationException;
import org.agentlifecycle.config.Settings;

/** Address of the store, and the namespace of this service in it. */
@Dependent
public class ValkeySettings implements Settings {
  private static final String NAMESPACE = "lifecycle.namespace";
  private static final String NAMESPACE_RULE =
      "must be 1 to 64 letters, digits, dots, underscores or hyphens";
  private static final Pattern NAMESPACE_PATTERN = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  private final StoreAddress address;
  private final String namespace;

  /** Reads and checks the configuration. */
  @Inject
  public ValkeySettings(Configuration configuration) {
    this(
        configuration.text(StoreAddress.KEY, "must be a redis:// URI").orElse(""),
        configuration.text(NAMESPACE, NAMESPACE_RULE).orElse(""));
  }

  /**
   * @param uri {@code redis://[[user]:password@]host[:port][/database]}, or {@code rediss://} for
   *     TLS
   * @param namespace letters, digits, {@code . _ -}, at most 64
   * @throws ConfigurationException if a value is invalid
   */
  public ValkeySettings(String uri, String namespace) {
    this.address = StoreAddress.parse(uri);
    if (!NAMESPACE_PATTERN.matcher(namespace).matches()) {
      throw new ConfigurationException(NAMESPACE, NAMESPACE_RULE);
    }
    this.namespace = namespace;
  }

  StoreAddress address() {
    return address;
  }

  public String namespace() {
    return namespace;
  }
}
