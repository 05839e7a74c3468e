package org.agentlifecycle.valkey;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
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
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.SslOptions;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * The pool of connections, and the one place that tells a call that was not sent from a call whose
 * outcome is unknown: what fails before a connection is there changed nothing, what fails after may
 * have.
 *
 * <p>Whatever happens to the store, a call ends within {@link #POOL_WAIT} and twice {@link
 * #ANSWER_WAIT}: once for the connection, once for the answer.
 */
@ApplicationScoped
public class ValkeyConnection {

  /** How many calls are under way at once; the store works on one at a time anyway. */
  private static final int CONNECTIONS = 16;

  /** How long a call waits for a connection before it is shed. */
  private static final Duration POOL_WAIT = Duration.ofMillis(250);

  /** How long a call waits for the store's answer, or for the connection to be made. */
  private static final Duration ANSWER_WAIT = Duration.ofMillis(500);

  /** A connection that was not used for this long is tried before it is trusted with a call. */
  private static final Duration TRUSTED_IDLE = Duration.ofSeconds(1);

  private final StoreAddress address;
  private final ConnectionPool pool;
  private final OutageLog outages;
  private final StoreErrors errors;
  private final Stall stall = new Stall(POOL_WAIT.plus(ANSWER_WAIT).plus(ANSWER_WAIT));

  /** For the client proxy. */
  protected ValkeyConnection() {
    address = null;
    pool = null;
    outages = null;
    errors = null;
  }

  @Inject
  public ValkeyConnection(ValkeySettings settings) {
    address = settings.address();
    outages = new OutageLog(address, settings.namespace());
    errors = new StoreErrors(outages);
    pool = new ConnectionPool(new TriedWhenIdle(), poolConfig());
  }

  private static ConnectionPoolConfig poolConfig() {
    ConnectionPoolConfig config = new ConnectionPoolConfig();
    config.setMaxTotal(CONNECTIONS);
    config.setMaxIdle(CONNECTIONS);
    config.setMaxWait(POOL_WAIT);
    config.setTestOnBorrow(true);
    config.setJmxEnabled(false);
    return config;
  }

  private static HostAndPort hostAndPort(StoreAddress address) {
    return new HostAndPort(address.host(), address.port());
  }

  private static DefaultJedisClientConfig clientConfig(StoreAddress address) {
    int answerWait = Math.toIntExact(ANSWER_WAIT.toMillis());
    return DefaultJedisClientConfig.builder()
        .connectionTimeoutMillis(answerWait)
        .socketTimeoutMillis(answerWait)
        .user(address.user())
        .password(address.password())
        .database(address.database())
        .sslOptions(address.tls() ? SslOptions.defaults() : null)
        .protocol(RedisProtocol.RESP3)
        .clientName("agent-lifecycle")
        .build();
  }

  /**
   * Makes a call that may change something. It is sent once.
   *
   * @throws LifecycleException as {@code AgentStore} says
   */
  <T> T write(Function<Connection, T> call) {
    try (Connection connection = borrow()) {
      T answer = call.apply(connection);
      stall.over();
      outages.replied();
      return answer;
    } catch (JedisConnectionException lost) {
      forget(lost);
      throw LifecycleException.outcomeUnknown(lost);
    } catch (JedisDataException refused) {
      throw refused(refused);
    }
  }

  /** Makes a call that changes nothing, so that a lost connection is worth a second try. */
  <T> T read(Function<Connection, T> call) {
    try {
      return write(call);
    } catch (LifecycleException unknown) {
      if (unknown.reason() != LifecycleException.Reason.OUTCOME_UNKNOWN) {
        throw unknown;
      }
    }
    try {
      return write(call);
    } catch (LifecycleException unknown) {
      throw unknown.reason() == LifecycleException.Reason.OUTCOME_UNKNOWN
          ? LifecycleException.storeUnavailable(Duration.ofSeconds(1), unknown)
          : unknown;
    }
  }

  /**
   * A connection that is not one of the pool's, for a caller that keeps it.
   *
   * @throws redis.clients.jedis.exceptions.JedisException where there is none to be had
   */
  Connection connectAlone() {
    return new Connection(hostAndPort(address), clientConfig(address));
  }

  private Connection borrow() {
    if (!stall.admits()) {
      throw LifecycleException.storeUnavailable(Duration.ofSeconds(1), null);
    }
    try {
      return connect();
    } catch (JedisConnectionException lost) {
      forget(lost);
      throw LifecycleException.storeUnavailable(Duration.ofSeconds(1), lost);
    } catch (JedisDataException refused) {
      throw refused(refused);
    } catch (JedisException exhausted) {
      throw LifecycleException.storeUnavailable(Duration.ofSeconds(1), exhausted);
    }
  }

  /**
   * A store that restarts refuses for a moment, so a refusal is worth a second try; a timeout is
   * not.
   */
  private Connection connect() {
    try {
      return pool.getResource();
    } catch (JedisConnectionException refused) {
      if (timedOut(refused)) {
        throw refused;
      }
      pause();
      return pool.getResource();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(ThreadLocalRandom.current().nextLong(20, 80));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** One lost connection is seldom alone: the others were made to the same store. */
  private void forget(JedisConnectionException lost) {
    outages.failed(StoreCondition.of(lost), lost);
    if (timedOut(lost)) {
      stall.timedOut();
    } else {
      stall.over();
      pool.clear();
    }
  }

  private LifecycleException refused(JedisDataException refused) {
    stall.over();
    LifecycleException translated = errors.translate(refused);
    if (StoreErrors.isReplica(refused)) {
      pool.clear();
    }
    return translated;
  }

  private static boolean timedOut(Throwable lost) {
    for (Throwable cause = lost; cause != null; cause = cause.getCause()) {
      if (cause instanceof SocketTimeoutException) {
        return true;
      }
    }
    return false;
  }

  @PreDestroy
  public void close() {
    pool.close();
  }

  /**
   * Makes connections, and tries one that was idle before it is lent. Where the store is frozen one
   * of them waits to find that out; each further one would make the caller wait as long again.
   */
  private final class TriedWhenIdle extends ConnectionFactory {
    TriedWhenIdle() {
      super(hostAndPort(address), clientConfig(address));
    }

    @Override
    public boolean validateObject(PooledObject<Connection> pooled) {
      return pooled.getIdleDuration().compareTo(TRUSTED_IDLE) < 0
          || (!stall.lasts() && answers(pooled.getObject()));
    }

    private boolean answers(Connection connection) {
      try {
        return connection.ping();
      } catch (JedisException lost) {
        if (timedOut(lost)) {
          stall.timedOut();
        }
        return false;
      }
    }
  }
}
