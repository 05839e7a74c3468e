package org.agentlifecycle.valkey;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.agentlifecycle.agent.LifecycleException;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * Turns an error that Valkey answers into what it means for a caller. Valkey puts a code first in
 * each; those listed are refused before anything is written, so the caller hears that nothing was
 * changed.
 */
final class StoreErrors {
  private static final Logger LOG = System.getLogger(StoreErrors.class.getName());

  /** The codes that go away by themselves, and after how long a retry makes sense. */
  private static final Map<String, Duration> PASSING =
      Map.of(
          "READONLY", Duration.ofSeconds(1),
          "BUSY", Duration.ofSeconds(1),
          "LOADING", Duration.ofSeconds(2),
          "MASTERDOWN", Duration.ofSeconds(2),
          "NOREPLICAS", Duration.ofSeconds(5),
          "CLUSTERDOWN", Duration.ofSeconds(5));

  /** The codes that somebody must see to. */
  private static final Map<String, Duration> FOR_THE_OPERATOR =
      Map.of(
          "OOM", Duration.ofSeconds(30),
          "MISCONF", Duration.ofSeconds(30),
          "NOAUTH", Duration.ofSeconds(30),
          "WRONGPASS", Duration.ofSeconds(30),
          "NOPERM", Duration.ofSeconds(30));

  /** How the function library reports a record that cannot be read. */
  private static final Pattern DAMAGED = Pattern.compile("the record of agent (\\S+) is damaged");

  private static final long LOG_EVERY_NANOS = Duration.ofSeconds(30).toNanos();

  private final AtomicLong logAgainAt = new AtomicLong(System.nanoTime());

  LifecycleException translate(JedisDataException error) {
    String code = code(error);
    Matcher damaged = DAMAGED.matcher(error.getMessage());
    if (damaged.find()) {
      return LifecycleException.recordDamaged(damaged.group(1), error);
    }
    if (isInsideFunction(error)) {
      return LifecycleException.storeFault("a function of the store failed half way", error);
    }
    if (PASSING.containsKey(code)) {
      return LifecycleException.storeUnavailable(PASSING.get(code), error);
    }
    if (FOR_THE_OPERATOR.containsKey(code)) {
      logForTheOperator(error);
      return LifecycleException.storeUnavailable(FOR_THE_OPERATOR.get(code), error);
    }
    if (error.getMessage().contains("max number of clients")) {
      return LifecycleException.storeUnavailable(Duration.ofSeconds(5), error);
    }
    return LifecycleException.storeFault("the store answered an error", error);
  }

  /** Whether the store has become a replica: a connection to it will never take a change again. */
  static boolean isReplica(JedisDataException error) {
    return "READONLY".equals(code(error));
  }

  /** Whether the function library is gone, as after a flush or on a new primary. */
  static boolean isFunctionMissing(JedisDataException error) {
    return error.getMessage() != null && error.getMessage().contains("Function not found");
  }

  /** A function does not roll back, so "nothing was changed" cannot be said of it. */
  private static boolean isInsideFunction(JedisDataException error) {
    return error.getMessage().contains("script: ");
  }

  private static String code(JedisDataException error) {
    return error.getMessage().split(" ", 2)[0];
  }

  private void logForTheOperator(JedisDataException error) {
    long now = System.nanoTime();
    long due = logAgainAt.get();
    if (now - due >= 0 && logAgainAt.compareAndSet(due, now + LOG_EVERY_NANOS)) {
      LOG.log(Level.ERROR, "the store refuses calls: {0}", error.getMessage());
    }
  }
}
