package org.agentlifecycle.valkey;

import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Inject;
import java.net.URI;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Where the store is, and which part of it is ours. */
@Dependent
public class ValkeySettings {
  private final URI uri;
  private final String namespace;

  /**
   * @param uri {@code redis://[[user]:password@]host[:port][/database]}, or {@code rediss://} for
   *     TLS
   * @param namespace letters, digits, {@code . _ -}, at most 64
   * @throws IllegalArgumentException naming the key whose value cannot be used
   */
  @Inject
  public ValkeySettings(
      @ConfigProperty(name = "valkey.uri") URI uri,
      @ConfigProperty(name = "lifecycle.namespace") String namespace) {
    String scheme = uri.getScheme();
    if (uri.getHost() == null || !("redis".equals(scheme) || "rediss".equals(scheme))) {
      // The value stays out of the message: it may hold a password.
      throw new IllegalArgumentException(
          "valkey.uri must be redis://host:port or rediss://host:port");
    }
    if (!namespace.matches("[A-Za-z0-9._-]{1,64}")) {
      throw new IllegalArgumentException(
          "lifecycle.namespace must be 1 to 64 letters, digits, dots, underscores or hyphens");
    }
    this.uri = uri;
    this.namespace = namespace;
  }

  /** So that a value that cannot be used stops the start, and not the first call. */
  void check(@Observes Startup startup) {}

  public URI uri() {
    return uri;
  }

  public String namespace() {
    return namespace;
  }
}
