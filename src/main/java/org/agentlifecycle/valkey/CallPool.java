package org.agentlifecycle.valkey;

import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.agentlifecycle.agent.LifecycleException;
import org.apache.commons.pool2.PooledObject;
import redis.clients.jedis.Connection;
import redis.clients.jedis.ConnectionFactory;
import redis.clients.jedis.ConnectionPool;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Connections for one kind of calls, with their own circuit breaker, so that no kind of calls can
 * use up the connections of another.
 *
 * <p>It distinguishes calls that were not sent from calls whose outcome is unknown: a failure
 * before a connection is available changed nothing, a later failure may have changed something. A
 * call ends within the pool timeout and twice {@link ValkeyClient#SOCKET_TIMEOUT} if the store does
 * not reply: once for the connection, once for the reply.
 */
final class CallPool {

  /** A connection that was idle for this time is tested before use. */
  private static final Duration VALIDATE_AFTER_IDLE = Duration.ofSeconds(1);

  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  private final ValkeyClient client;
  private final OutageLog outages;
  private final StoreErrors errors;
  private final ConnectionPool pool;
  private final CircuitBreaker breaker;

  /**
   * @param maxConnections maximum number of calls at the same time
   * @param poolTimeout how long a call waits for a connection before it is shed
   */
  CallPool(ValkeyClient client, OutageLog outages, int maxConnections, Duration poolTimeout) {
    this.client = client;
    this.outages = outages;
    this.errors = new StoreErrors(outages);
    this.breaker =
        new CircuitBreaker(poolTimeout.plus(ValkeyClient.SOCKET_TIMEOUT.multipliedBy(2)));
    ConnectionPoolConfig config = new ConnectionPoolConfig();
    config.setMaxTotal(maxConnections);
    config.setMaxIdle(maxConnections);
    config.setMaxWait(poolTimeout);
    config.setFairness(true);
    config.setTestOnBorrow(true);
    config.setJmxEnabled(false);
    this.pool = new ConnectionPool(new ValidatingConnectionFactory(), config);
  }

  /**
   * Makes a call once.
   *
   * @throws LifecycleException as {@code AgentStore} says
   */
  <T> T call(Function<Connection, T> call) {
    try (Connection connection = borrow()) {
      T reply = call.apply(connection);
      breaker.recordReply();
      outages.replied();
      return reply;
    } catch (JedisConnectionException lost) {
      onConnectionLost(lost);
      throw LifecycleException.outcomeUnknown(lost);
    } catch (JedisDataException error) {
      throw translate(error);
    }
  }

  void close() {
    pool.close();
  }

  private Connection borrow() {
    if (!breaker.allowsCall()) {
      throw LifecycleException.storeUnavailable(RETRY_AFTER, null);
    }
    try {
      return connect();
    } catch (JedisConnectionException lost) {
      onConnectionLost(lost);
      throw LifecycleException.storeUnavailable(RETRY_AFTER, lost);
    } catch (JedisDataException error) {
      throw translate(error);
    } catch (JedisException exhausted) {
      throw LifecycleException.storeUnavailable(RETRY_AFTER, exhausted);
    }
  }

  /**
   * Retries a refused connection once, because a store that restarts refuses connections for a
   * moment. A timeout is not retried.
   */
  private Connection connect() {
    try {
      return pool.getResource();
    } catch (JedisConnectionException lost) {
      if (isTimeout(lost)) {
        throw lost;
      }
      backOff();
      return pool.getResource();
    }
  }

  private static void backOff() {
    try {
      Thread.sleep(ThreadLocalRandom.current().nextLong(20, 80));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Drops the idle connections of a closed connection, because they lead to the same store. */
  private void onConnectionLost(JedisConnectionException lost) {
    outages.failed(StoreCondition.of(lost), lost);
    if (isTimeout(lost)) {
      breaker.recordTimeout();
    } else {
      breaker.recordReply();
      pool.clear();
    }
  }

  private LifecycleException translate(JedisDataException error) {
    breaker.recordReply();
    LifecycleException translated = errors.translate(error);
    if (StoreErrors.isReplica(error)) {
      pool.clear();
    }
    return translated;
  }

  private static boolean isTimeout(Throwable lost) {
    for (Throwable cause = lost; cause != null; cause = cause.getCause()) {
      if (cause instanceof SocketTimeoutException) {
        return true;
      }
    }
    return false;
  }

  /**
   * Opens connections, and tests idle ones before use. After a timeout it discards idle connections
   * instead of testing them: each test could make the caller wait for another timeout.
   */
  private final class ValidatingConnectionFactory extends ConnectionFactory {
    ValidatingConnectionFactory() {
      super(client.hostAndPort(), client.clientConfig());
    }

    @Override
    public boolean validateObject(PooledObject<Connection> pooled) {
      return pooled.getIdleDuration().compareTo(VALIDATE_AFTER_IDLE) < 0
          || (!breaker.isSuspicious() && isAlive(pooled.getObject()));
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
  }
}
