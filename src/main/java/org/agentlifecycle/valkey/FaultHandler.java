package org.agentlifecycle.valkey;

import java.time.Duration;
import org.agentlifecycle.agent.LifecycleException;
import redis.clients.jedis.Connection;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Failures of one kind of calls: records them in the circuit breaker and in the log, and translates
 * them for the callers.
 */
final class FaultHandler {
  /** A connection that was idle for this time is tested before use. */
  private static final Duration VALIDATE_AFTER_IDLE = Duration.ofSeconds(1);

  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  private final OutageLog outages;
  private final StoreErrors errors;
  private final CircuitBreaker breaker;

  /**
   * @param poolTimeout how long a call waits before it is shed
   */
  FaultHandler(OutageLog outages, Duration poolTimeout) {
    this.outages = outages;
    this.errors = new StoreErrors(outages);
    this.breaker =
        new CircuitBreaker(poolTimeout.plus(ValkeyClient.SOCKET_TIMEOUT.multipliedBy(2)));
  }

  /**
   * Rejects a call while the circuit is open.
   *
   * @throws LifecycleException {@code STORE_UNAVAILABLE}
   */
  void admitCall() {
    if (!breaker.allowsCall()) {
      throw unavailable(null);
    }
  }

  /**
   * Returns whether a connection can be used, and tests it if it was idle. After a timeout an idle
   * connection is not tested, because the test could make the caller wait for another timeout. A
   * connection that fails its test is replaced, so that no call fails.
   *
   * @param idle time since the last use
   */
  boolean isUsable(Connection connection, Duration idle) {
    return idle.compareTo(VALIDATE_AFTER_IDLE) < 0
        || (!breaker.isSuspicious() && isAlive(connection));
  }

  private boolean isAlive(Connection connection) {
    try {
      return connection.ping();
    } catch (JedisException lost) {
      if (isTimeout(lost)) {
        breaker.recordTimeout();
      }
      return false;
    }
  }

  /** Records that the store replied, be it with an error. */
  void onReply() {
    breaker.recordReply();
  }

  /** Records that the replicas did not confirm a change in time. */
  void onUnconfirmed() {
    outages.failed(StoreCondition.REPLICAS_MISSING, new ReplicasMissingException());
  }

  /** Records that the store executed a call. */
  void onSuccess() {
    outages.replied();
  }

  /** Records a lost connection, once for all calls on it. Other connections may be fine. */
  void onConnectionLost(JedisConnectionException lost) {
    outages.failed(StoreCondition.of(lost), lost);
    if (isTimeout(lost)) {
      breaker.recordTimeout();
    } else {
      breaker.recordReply();
    }
  }

  /** Translates an error reply. */
  LifecycleException translate(JedisDataException error) {
    return errors.translate(error);
  }

  /** Translates the reason because of which a call was not sent. */
  LifecycleException notSent(RuntimeException reason) {
    return reason instanceof JedisDataException error ? translate(error) : unavailable(reason);
  }

  private static LifecycleException unavailable(RuntimeException cause) {
    return LifecycleException.storeUnavailable(RETRY_AFTER, cause);
  }

  /** Returns whether the connection was lost because no reply was received in time. */
  static boolean isTimeout(RuntimeException lost) {
    return lost instanceof JedisConnectionException connection
        && StoreCondition.of(connection) == StoreCondition.STORE_TIMEOUT;
  }
}
