package org.agentlifecycle.session;

import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Inject;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** How long sessions last beyond their agents. */
@Dependent
public class SessionSettings {
  private final Duration cleanupDelay;

  /**
   * @param cleanupDelay from an agent's final status to the cleanup of its session; zero or more
   * @throws IllegalArgumentException naming the key whose value cannot be used
   */
  @Inject
  public SessionSettings(
      @ConfigProperty(name = "lifecycle.session.cleanup-delay") Duration cleanupDelay) {
    if (cleanupDelay.isNegative()) {
      throw new IllegalArgumentException("lifecycle.session.cleanup-delay must not be negative");
    }
    this.cleanupDelay = cleanupDelay;
  }

  /** So that a value that cannot be used stops the start, and not the first call. */
  void check(@Observes Startup startup) {}

  public Duration cleanupDelay() {
    return cleanupDelay;
  }
}
