package org.agentlifecycle.valkey;

import java.lang.System.Logger.Level;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.agentlifecycle.agent.LifecycleException;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Why the store does not take calls. Valkey puts a code first in each error; those listed are
 * rejections before anything is written.
 */
enum StoreCondition {
  STORE_UNREACHABLE(1, Level.WARNING, "the service connects again by itself"),
  STORE_TIMEOUT(1, Level.WARNING, "the service tries again by itself"),
  /** All connections of this server are in use; the store itself may be well. */
  CONNECTIONS_BUSY(1, Level.WARNING, "calls are shed until one is free"),
  STORE_READ_ONLY(1, Level.WARNING, "valkey.uri must name the primary", "READONLY"),
  STORE_BUSY(1, Level.WARNING, "another function or script blocks the store", "BUSY"),
  STORE_LOADING(2, Level.WARNING, "the store reads its data after a restart", "LOADING"),
  STORE_PRIMARY_DOWN(2, Level.WARNING, "the replica has lost its primary", "MASTERDOWN"),
  /** The replicas of valkey.confirm-replicas have not confirmed a change. */
  REPLICAS_MISSING(1, Level.WARNING, "check the replicas of the store"),
  STORE_NO_REPLICAS(5, Level.WARNING, "min-replicas-to-write is not fulfilled", "NOREPLICAS"),
  STORE_CLUSTER_DOWN(5, Level.WARNING, "check the cluster", "CLUSTERDOWN"),
  STORE_MAX_CLIENTS(5, Level.ERROR, "raise maxclients of the store, or find its other clients"),
  STORE_FULL(
      30, Level.ERROR, "raise maxmemory of the store, or shorten lifecycle.retention", "OOM"),
  STORE_NOT_PERSISTENT(30, Level.ERROR, "check the disk of the store", "MISCONF"),
  LIBRARY_MISSING(
      30,
      Level.ERROR,
      "start one server whose user may run FUNCTION LOAD, or permit it to this user"),
  STORE_ACCESS_DENIED(
      30, Level.ERROR, "check valkey.uri and the user's ACL", "NOAUTH", "WRONGPASS", "NOPERM");

  private final Duration retryAfter;
  private final Level level;
  private final String nextStep;
  private final String[] codes;

  StoreCondition(int retryAfterSeconds, Level level, String nextStep, String... codes) {
    this.retryAfter = Duration.ofSeconds(retryAfterSeconds);
    this.level = level;
    this.nextStep = nextStep;
    this.codes = codes;
  }

  /** The time after which a retry makes sense. */
  Duration retryAfter() {
    return retryAfter;
  }

  /** The level of the log line. */
  Level level() {
    return level;
  }

  /** The next step, of the service or of the operator. */
  String nextStep() {
    return nextStep;
  }

  /** Returns the condition that an error reply means; empty if it means none. */
  static Optional<StoreCondition> of(JedisDataException error) {
    if (error.getMessage().contains("max number of clients")) {
      return Optional.of(STORE_MAX_CLIENTS);
    }
    if (error.getMessage().contains("Function not found")) {
      return Optional.of(LIBRARY_MISSING);
    }
    String code = error.getMessage().split(" ", 2)[0];
    return Stream.of(values())
        .filter(condition -> Stream.of(condition.codes).anyMatch(code::equals))
        .findFirst();
  }

  /** Returns the condition that a lost connection means. */
  static StoreCondition of(JedisConnectionException lost) {
    for (Throwable cause = lost; cause != null; cause = cause.getCause()) {
      if (cause instanceof SocketTimeoutException) {
        return STORE_TIMEOUT;
      }
      if (cause instanceof ReplicasMissingException) {
        return REPLICAS_MISSING;
      }
    }
    return STORE_UNREACHABLE;
  }

  /** Returns the condition because of which a call failed; empty if it is a fault. */
  static Optional<StoreCondition> of(LifecycleException failure) {
    if (!failure.isStoreOutage()) {
      return Optional.empty();
    }
    for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof JedisConnectionException lost) {
        return Optional.of(of(lost));
      }
      if (cause instanceof JedisDataException error) {
        return of(error);
      }
      if (cause instanceof JedisException) {
        return Optional.of(CONNECTIONS_BUSY);
      }
    }
    return Optional.of(STORE_TIMEOUT); // rejected without a call: an earlier one timed out
  }
}
