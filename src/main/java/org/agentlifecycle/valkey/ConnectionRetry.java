package org.agentlifecycle.valkey;

import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import redis.clients.jedis.exceptions.JedisConnectionException;

/** Retry of a refused connection. */
final class ConnectionRetry {

  private ConnectionRetry() {}

  /**
   * Opens a connection. Retries a refused connection once, because a store that restarts refuses
   * connections for a moment. A timeout is not retried.
   */
  static <T> T connect(Supplier<T> open) {
    try {
      return open.get();
    } catch (JedisConnectionException lost) {
      if (FaultHandler.isTimeout(lost)) {
        throw lost;
      }
      backOff();
      return open.get();
    }
  }

  private static void backOff() {
    try {
      Thread.sleep(ThreadLocalRandom.current().nextLong(20, 80));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
