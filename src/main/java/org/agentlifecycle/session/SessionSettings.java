package org.agentlifecycle.session;

import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Optional;
import org.agentlifecycle.agent.AgentSettings;
import org.agentlifecycle.config.Configuration;
import org.agentlifecycle.config.ConfigurationException;
import org.agentlifecycle.config.DurationKey;
import org.agentlifecycle.config.Settings;

/** Cleanup delay of sessions, and default lease. */
@Dependent
public class SessionSettings implements Settings {
  private static final DurationKey CLEANUP_DELAY =
      new DurationKey("lifecycle.session.cleanup-delay", Duration.ZERO, Duration.ofDays(365));

  /** Allowed lengths of leases. Several heartbeats must fit into the shortest one. */
  public static final DurationKey LEASE =
      new DurationKey("lifecycle.lease.default", Duration.ofMillis(100), Duration.ofDays(365));

  private final Duration cleanupDelay;
  private final Duration defaultLease;

  /** Reads and checks the configuration. */
  @Inject
  public SessionSettings(Configuration configuration, AgentSettings agents) {
    this(CLEANUP_DELAY.read(configuration), LEASE.readOptional(configuration));
    if (agents.retention().compareTo(cleanupDelay) < 0) {
      // Otherwise the purge ends a session before its announced cleanup.
      throw new ConfigurationException(
          "lifecycle.retention", "must not be shorter than " + CLEANUP_DELAY.name());
    }
  }

  /**
   * @param cleanupDelay time from a final status to the cleanup of the session
   * @param defaultLease lease of agents that are registered without one; empty: no lease
   * @throws ConfigurationException if a value is out of range
   */
  public SessionSettings(Duration cleanupDelay, Optional<Duration> defaultLease) {
    this.cleanupDelay = CLEANUP_DELAY.check(cleanupDelay);
    this.defaultLease = defaultLease.map(LEASE::check).orElse(null);
  }

  public Duration cleanupDelay() {
    return cleanupDelay;
  }

  /** Returns the default lease; null if there is none. */
  public Duration defaultLease() {
    return defaultLease;
  }
}
