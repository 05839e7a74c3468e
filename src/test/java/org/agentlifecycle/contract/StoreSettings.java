package org.agentlifecycle.contract;

import java.time.Duration;

/**
 * What a store is told of time and numbers.
 *
 * @param cleanupDelay from an agent's final status to the cleanup of its session
 * @param defaultLease the lease of an agent that asks for none; null: it has none
 * @param retention how long final agents and finished kills are kept
 * @param idempotencyRetention how long the answer to a call with a key is kept
 * @param maxActive how many agents may be active before anybody says so; 0: any number
 */
public record StoreSettings(
    Duration cleanupDelay,
    Duration defaultLease,
    Duration retention,
    Duration idempotencyRetention,
    long maxActive) {

  /** Longer than any test. */
  public static final Duration NEVER = Duration.ofDays(1);

  /** Nothing becomes due, runs out or is refused. */
  public static final StoreSettings QUIET = new StoreSettings(NEVER, null, NEVER, NEVER, 0);

  public StoreSettings cleanupAfter(Duration delay) {
    return new StoreSettings(delay, defaultLease, retention, idempotencyRetention, maxActive);
  }

  public StoreSettings leasing(Duration lease) {
    return new StoreSettings(cleanupDelay, lease, retention, idempotencyRetention, maxActive);
  }

  public StoreSettings keepingFinals(Duration time) {
    return new StoreSettings(cleanupDelay, defaultLease, time, idempotencyRetention, maxActive);
  }

  public StoreSettings keepingAnswers(Duration time) {
    return new StoreSettings(cleanupDelay, defaultLease, retention, time, maxActive);
  }

  public StoreSettings admitting(long max) {
    return new StoreSettings(cleanupDelay, defaultLease, retention, idempotencyRetention, max);
  }
}
