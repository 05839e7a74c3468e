package org.agentlifecycle.contract;

import java.time.Duration;
import org.agentlifecycle.agent.Timeouts;

/**
 * Settings of a store under test.
 *
 * @param cleanupDelay time from the final status of an agent to the cleanup of its session
 * @param defaultLease lease of an agent that is registered without lease; null: no lease
 * @param retention retention of final agents and kill records
 * @param idempotencyRetention retention of idempotency records
 * @param defaultTimeouts timeouts of agents that are registered without them
 * @param maxActive initial admission limit; 0: no limit
 */
public record StoreSettings(
    Duration cleanupDelay,
    Duration defaultLease,
    Duration retention,
    Duration idempotencyRetention,
    Timeouts defaultTimeouts,
    long maxActive) {

  /** Longer than any test. */
  public static final Duration NEVER = Duration.ofDays(1);

  /** No session is due, no lease or record expires, and every registration is admitted. */
  public static final StoreSettings QUIET =
      new StoreSettings(NEVER, null, NEVER, NEVER, Timeouts.NONE, 0);

  public StoreSettings cleanupAfter(Duration delay) {
    return new StoreSettings(
        delay, defaultLease, retention, idempotencyRetention, defaultTimeouts, maxActive);
  }

  public StoreSettings leasing(Duration lease) {
    return new StoreSettings(
        cleanupDelay, lease, retention, idempotencyRetention, defaultTimeouts, maxActive);
  }

  public StoreSettings keepingFinals(Duration time) {
    return new StoreSettings(
        cleanupDelay, defaultLease, time, idempotencyRetention, defaultTimeouts, maxActive);
  }

  public StoreSettings keepingIdempotencyRecords(Duration time) {
    return new StoreSettings(
        cleanupDelay, defaultLease, retention, time, defaultTimeouts, maxActive);
  }

  public StoreSettings admitting(long max) {
    return new StoreSettings(
        cleanupDelay, defaultLease, retention, idempotencyRetention, defaultTimeouts, max);
  }

  public StoreSettings timingOut(Timeouts timeouts) {
    return new StoreSettings(
        cleanupDelay, defaultLease, retention, idempotencyRetention, timeouts, maxActive);
  }
}
