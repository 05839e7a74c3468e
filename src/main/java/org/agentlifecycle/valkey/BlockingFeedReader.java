package org.agentlifecycle.valkey;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import org.agentlifecycle.agent.LifecycleException;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Waits for new events with a blocking read on its own connection, because the wait would hold a
 * connection of the pool. Only one thread at a time may use it.
 */
@ApplicationScoped
public class BlockingFeedReader {

  /** Additional time for the reply, after which the connection is closed. */
  private static final Duration REPLY_TIME = Duration.ofSeconds(1);

  private final ValkeyClient valkey;
  private final String feed;
  private Connection connection;

  /** For the client proxy. */
  protected BlockingFeedReader() {
    valkey = null;
    feed = null;
  }

  @Inject
  public BlockingFeedReader(ValkeyClient valkey, ValkeySettings settings) {
    this.valkey = valkey;
    this.feed = Keys.of(settings.namespace()).feed();
  }

  /**
   * Waits for an event after an id.
   *
   * @param timeout the maximum time
   */
  boolean awaitEvent(String after, Duration timeout) {
    try {
      if (connection == null) {
        connection = valkey.openDedicatedConnection();
      }
      connection.setSoTimeout(Math.toIntExact(timeout.plus(REPLY_TIME).toMillis()));
      return connection.executeCommand(
              new CommandArguments(Command.XREAD)
                  .add("COUNT")
                  .add(1)
                  .add("BLOCK")
                  .add(timeout.toMillis())
                  .add("STREAMS")
                  .key(feed)
                  .add(after))
          != null;
    } catch (JedisException lost) {
      close();
      throw LifecycleException.storeUnavailable(Duration.ofSeconds(1), lost);
    }
  }

  @PreDestroy
  void close() {
    if (connection != null) {
      connection.close();
      connection = null;
    }
  }
}
