package org.agentlifecycle.config;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.eclipse.microprofile.config.spi.ConfigSource;

/**
 * The environment, in every locale. The servers map a key to its variable with the default locale:
 * under Turkish, {@code valkey.uri} becomes {@code VALKEY_URİ}, which is not set. Registered in
 * {@code META-INF/services}.
 */
public final class EnvironmentSource implements ConfigSource {

  /** After system properties (400), before the environment as the servers read it (300). */
  private static final int ORDINAL = 310;

  private final Map<String, String> environment;

  public EnvironmentSource() {
    this(System.getenv());
  }

  EnvironmentSource(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public int getOrdinal() {
    return ORDINAL;
  }

  @Override
  public String getName() {
    return "environment variables in every locale";
  }

  @Override
  public Set<String> getPropertyNames() {
    return environment.keySet();
  }

  /** As MicroProfile Config says: the name itself, with underscores, in upper case. */
  @Override
  public String getValue(String name) {
    String exact = environment.get(name);
    if (exact != null) {
      return exact;
    }
    String underscored = name.replaceAll("[^A-Za-z0-9]", "_");
    String value = environment.get(underscored);
    return value != null ? value : environment.get(underscored.toUpperCase(Locale.ROOT));
  }
}
