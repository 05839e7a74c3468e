package org.agentlifecycle.valkey;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.agentlifecycle.agent.LifecycleException;
import redis.clients.jedis.exceptions.JedisDataException;

/** Translates error replies of Valkey into what they mean for a caller. */
final class StoreErrors {
  /** How the function library reports a record that cannot be read. */
  private static final Pattern DAMAGED = Pattern.compile("the record of agent (\\S+) is damaged");

  private final OutageLog log;

  StoreErrors(OutageLog log) {
    this.log = log;
  }

  LifecycleException translate(JedisDataException error) {
    Matcher damaged = DAMAGED.matcher(error.getMessage());
    if (damaged.find()) {
      return LifecycleException.recordDamaged(damaged.group(1), error);
    }
    if (isInsideFunction(error)) {
      return LifecycleException.storeFault("a function of the store failed half way", error);
    }
    Optional<StoreCondition> condition = StoreCondition.of(error);
    if (condition.isEmpty()) {
      return LifecycleException.storeFault("the store replied with an error", error);
    }
    log.failed(condition.get(), error);
    return LifecycleException.storeUnavailable(condition.get().retryAfter(), error);
  }

  /** Whether the store has become a replica: its connections will never take a change again. */
  static boolean isReplica(JedisDataException error) {
    return StoreCondition.of(error).equals(Optional.of(StoreCondition.STORE_READ_ONLY));
  }

  /** Whether the function library is missing, as after a flush or on a new primary. */
  static boolean isFunctionMissing(JedisDataException error) {
    return StoreCondition.of(error).equals(Optional.of(StoreCondition.LIBRARY_MISSING));
  }

  /** A function does not roll back, so that "nothing was changed" may be wrong. */
  private static boolean isInsideFunction(JedisDataException error) {
    return error.getMessage().contains("script: ");
  }
}
