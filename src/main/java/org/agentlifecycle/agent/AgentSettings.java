package org.agentlifecycle.agent;

import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Inject;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** How patient callers are. */
@Dependent
public class AgentSettings {
  private final Duration lockPatience;

  /**
   * @param lockPatience how long a caller waits for an agent's lock; zero or more
   * @throws IllegalArgumentException naming the key whose value cannot be used
   */
  @Inject
  public AgentSettings(@ConfigProperty(name = "lifecycle.lock.patience") Duration lockPatience) {
    if (lockPatience.isNegative()) {
      throw new IllegalArgumentException("lifecycle.lock.patience must not be negative");
    }
    this.lockPatience = lockPatience;
  }

  /** So that a value that cannot be used stops the start, and not the first call. */
  void check(@Observes Startup startup) {}

  public Duration lockPatience() {
    return lockPatience;
  }
}
