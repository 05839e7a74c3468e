package org.agentlifecycle.valkey;

import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import java.util.regex.Pattern;
import org.agentlifecycle.config.Configuration;
import org.agentlifecycle.config.ConfigurationException;
import org.agentlifecycle.config.NumberKey;
import org.agentlifecycle.config.Settings;

/**
 * Address of the store, the namespace of this service in it, and the number of replicas that must
 * confirm a change.
 */
@Dependent
public class ValkeySettings implements Settings {
  private static final String NAMESPACE = "lifecycle.namespace";
  private static final String NAMESPACE_RULE =
      "must be 1 to 64 letters, digits, dots, underscores or hyphens";
  private static final Pattern NAMESPACE_PATTERN = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  private static final NumberKey CONFIRM_REPLICAS = new NumberKey("valkey.confirm-replicas", 0, 5);

  private final StoreAddress address;
  private final String namespace;
  private final int confirmReplicas;

  /** Reads and checks the configuration. */
  @Inject
  public ValkeySettings(Configuration configuration) {
    this(
        configuration.text(StoreAddress.KEY, "must be a redis:// URI").orElse(""),
        configuration.text(NAMESPACE, NAMESPACE_RULE).orElse(""),
        CONFIRM_REPLICAS.read(configuration));
  }

  /**
   * @param uri {@code redis://[[user]:password@]host[:port][/database]}, or {@code rediss://} for
   *     TLS
   * @param namespace letters, digits, {@code . _ -}, at most 64
   * @param confirmReplicas number of replicas that must have a change before its caller gets the
   *     response
   * @throws ConfigurationException if a value is invalid
   */
  public ValkeySettings(String uri, String namespace, long confirmReplicas) {
    this.address = StoreAddress.parse(uri);
    if (!NAMESPACE_PATTERN.matcher(namespace).matches()) {
      throw new ConfigurationException(NAMESPACE, NAMESPACE_RULE);
    }
    this.namespace = namespace;
    this.confirmReplicas = Math.toIntExact(CONFIRM_REPLICAS.check(confirmReplicas));
  }

  /** Settings that need no replica. */
  public ValkeySettings(String uri, String namespace) {
    this(uri, namespace, 0);
  }

  StoreAddress address() {
    return address;
  }

  public String namespace() {
    return namespace;
  }

  /** Returns the number of replicas that must confirm a change; 0: none. */
  int confirmReplicas() {
    return confirmReplicas;
  }
}
