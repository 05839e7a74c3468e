package org.agentlifecycle.agent;

import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import java.time.Duration;
import org.agentlifecycle.config.Configuration;
import org.agentlifecycle.config.DurationKey;
import org.agentlifecycle.config.Settings;

/**
 * Lock timeout, retention of agents, retention of idempotency records, default timeouts of agents.
 */
@Dependent
public class AgentSettings implements Settings {
  private static final DurationKey LOCK_TIMEOUT =
      new DurationKey("lifecycle.lock.patience", Duration.ZERO, Duration.ofMinutes(1));
  private static final DurationKey RETENTION =
      new DurationKey("lifecycle.retention", Duration.ofMillis(1), Duration.ofDays(3650));
  private static final DurationKey IDEMPOTENCY_RETENTION =
      new DurationKey(
          "lifecycle.idempotency.retention", Duration.ofMillis(1), Duration.ofDays(365));

  /** Allowed timeouts of agents. */
  private static final Duration MIN_TIMEOUT = Duration.ofSeconds(1);

  private static final Duration MAX_TIMEOUT = Duration.ofDays(365);

  /** Default and range of the start timeout. */
  public static final DurationKey START_TIMEOUT =
      new DurationKey("lifecycle.start-timeout.default", MIN_TIMEOUT, MAX_TIMEOUT);

  /** Default and range of the run timeout. */
  public static final DurationKey RUN_TIMEOUT =
      new DurationKey("lifecycle.run-timeout.default", MIN_TIMEOUT, MAX_TIMEOUT);

  private final Duration lockTimeout;
  private final Duration retention;
  private final Duration idempotencyRetention;
  private final Timeouts defaultTimeouts;

  /** Reads and checks the configuration. */
  @Inject
  public AgentSettings(Configuration configuration) {
    this(
        LOCK_TIMEOUT.read(configuration),
        RETENTION.read(configuration),
        IDEMPOTENCY_RETENTION.read(configuration),
        new Timeouts(
            START_TIMEOUT.readOptional(configuration).orElse(null),
            RUN_TIMEOUT.readOptional(configuration).orElse(null)));
  }

  /**
   * @param lockTimeout how long a caller waits for the lock of an agent; zero or more
   * @param retention how long a final agent is kept
   * @param idempotencyRetention how long an idempotency record is kept
   * @param defaultTimeouts timeouts of agents that are registered without them
   * @throws org.agentlifecycle.config.ConfigurationException if a value is out of range
   */
  public AgentSettings(
      Duration lockTimeout,
      Duration retention,
      Duration idempotencyRetention,
      Timeouts defaultTimeouts) {
    this.lockTimeout = LOCK_TIMEOUT.check(lockTimeout);
    this.retention = RETENTION.check(retention);
    this.idempotencyRetention = IDEMPOTENCY_RETENTION.check(idempotencyRetention);
    this.defaultTimeouts = defaultTimeouts;
  }

  /** Settings without default timeouts. */
  public AgentSettings(Duration lockTimeout, Duration retention, Duration idempotencyRetention) {
    this(lockTimeout, retention, idempotencyRetention, Timeouts.NONE);
  }

  public Duration lockTimeout() {
    return lockTimeout;
  }

  public Duration retention() {
    return retention;
  }

  public Duration idempotencyRetention() {
    return idempotencyRetention;
  }

  /** Returns the timeouts of agents that are registered without them. */
  public Timeouts defaultTimeouts() {
    return defaultTimeouts;
  }
}
