package org.agentlifecycle.session;

import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** How long sessions last beyond their agents. */
@Dependent
public class SessionSettings {
  /** A lease must outlive some heartbeats. */
  public static final Duration SHORTEST_LEASE = Duration.ofMillis(100);

  /** Longer means none. */
  public static final Duration LONGEST_LEASE = Duration.ofDays(365);

  private final Duration cleanupDelay;
  private final Duration defaultLease;

  /**
   * @param cleanupDelay from an agent's final status to the cleanup of its session; zero or more
   * @param defaultLease the lease of an agent that asks for none; empty: it has none
   * @throws IllegalArgumentException naming the key whose value cannot be used
   */
  @Inject
  public SessionSettings(
      @ConfigProperty(name = "lifecycle.session.cleanup-delay") Duration cleanupDelay,
      @ConfigProperty(name = "lifecycle.lease.default") Optional<Duration> defaultLease) {
    if (cleanupDelay.isNegative()) {
      throw new IllegalArgumentException("lifecycle.session.cleanup-delay must not be negative");
    }
    if (defaultLease.isPresent() && defaultLease.get().compareTo(SHORTEST_LEASE) < 0) {
      throw new IllegalArgumentException("lifecycle.lease.default must be PT0.1S or more");
    }
    this.cleanupDelay = cleanupDelay;
    this.defaultLease = defaultLease.orElse(null);
  }

  /** So that a value that cannot be used stops the start, and not the first call. */
  void check(@Observes Startup startup) {}

  public Duration cleanupDelay() {
    return cleanupDelay;
  }

  /** Null where there is none. */
  public Duration defaultLease() {
    return defaultLease;
  }
}
