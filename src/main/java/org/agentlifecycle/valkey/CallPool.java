package org.agentlifecycle.valkey;

import java.time.Duration;
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

  private final ValkeyClient client;
  private final FaultHandler faults;
  private final ConnectionPool pool;

  /**
   * @param maxConnections maximum number of calls at the same time
   * @param poolTimeout how long a call waits for a connection before it is shed
   */
  CallPool(ValkeyClient client, OutageLog outages, int maxConnections, Duration poolTimeout) {
    this.client = client;
    this.faults = new FaultHandler(outages, poolTimeout);
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
  <T> T call(Function<CommandSender, T> call) {
    try (Connection connection = borrow()) {
      T reply = call.apply(connection::executeCommand);
      faults.onReply();
      faults.onSuccess();
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
    faults.admitCall();
    try {
      return ConnectionRetry.connect(pool::getResource);
    } catch (JedisDataException error) {
      throw translate(error);
    } catch (JedisException unreachable) {
      if (unreachable instanceof JedisConnectionException lost) {
        onConnectionLost(lost);
      }
      throw faults.notSent(unreachable);
    }
  }

  /** Drops the idle connections of a closed connection, because they lead to the same store. */
  private void onConnectionLost(JedisConnectionException lost) {
    faults.onConnectionLost(lost);
    if (!FaultHandler.isTimeout(lost)) {
      pool.clear();
    }
  }

  private LifecycleException translate(JedisDataException error) {
    faults.onReply();
    LifecycleException translated = faults.translate(error);
    if (StoreErrors.isReplica(error)) {
      pool.clear();
    }
    return translated;
  }

  /** Opens connections, and tests idle ones before use. */
  private final class ValidatingConnectionFactory extends ConnectionFactory {
    ValidatingConnectionFactory() {
      super(client.hostAndPort(), client.clientConfig());
    }

    @Override
    public boolean validateObject(PooledObject<Connection> pooled) {
      return faults.isUsable(pooled.getObject(), pooled.getIdleDuration());
    }
  }
}
