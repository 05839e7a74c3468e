package org.agentlifecycle.agent;

import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Inject;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** How patient callers are, how long agents are kept, and how long answers. */
@Dependent
public class AgentSettings {
  private final Duration lockPatience;
  private final Duration retention;
  private final Duration idempotencyRetention;

  /**
   * @param lockPatience how long a caller waits for an agent's lock; zero or more
   * @param retention how long a final agent is kept; more than zero
   * @param idempotencyRetention how long the answer to a call with an idempotency key is kept; more
   *     than zero
   * @throws IllegalArgumentException naming the key whose value cannot be used
   */
  @Inject
  public AgentSettings(
      @ConfigProperty(name = "lifecycle.lock.patience") Duration lockPatience,
      @ConfigProperty(name = "lifecycle.retention") Duration retention,
      @ConfigProperty(name = "lifecycle.idempotency.retention") Duration idempotencyRetention) {
    if (lockPatience.isNegative()) {
      throw new IllegalArgumentException("lifecycle.lock.patience must not be negative");
    }
    if (retention.toMillis() < 1) {
      throw new IllegalArgumentException("lifecycle.retention must be more than zero");
    }
    if (idempotencyRetention.toMillis() < 1) {
      throw new IllegalArgumentException("lifecycle.idempotency.retention must be more than zero");
    }
    this.lockPatience = lockPatience;
    this.retention = retention;
    this.idempotencyRetention = idempotencyRetention;
  }

  /** So that a value that cannot be used stops the start, and not the first call. */
  void check(@Observes Startup startup) {}

  public Duration lockPatience() {
    return lockPatience;
  }

  public Duration retention() {
    return retention;
  }

  public Duration idempotencyRetention() {
    return idempotencyRetention;
  }
}
