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
 * Waits for news of the feed, on a connection of its own: a call that waits would hold one of the
 * pool's for as long. For one caller at a time.
 */
@ApplicationScoped
public class FeedTail {

  /** How much later than promised the store may answer before its connection is taken for dead. */
  private static final Duration LATE = Duration.ofSeconds(1);

  private final ValkeyClient valkey;
  private final String feed;
  private Connection connection;

  /** For the client proxy. */
  protected FeedTail() {
    valkey = null;
    feed = null;
  }

  @Inject
  public FeedTail(ValkeyClient valkey, ValkeySettings settings) {
    this.valkey = valkey;
    this.feed = Keys.of(settings.namespace()).feed();
  }

  /**
   * Waits until there is an event after that id.
   *
   * @param patience how long at most
   */
  boolean await(String after, Duration patience) {
    try {
      if (connection == null) {
        connection = valkey.openDedicatedConnection();
      }
      connection.setSoTimeout(Math.toIntExact(patience.plus(LATE).toMillis()));
      return connection.executeCommand(
              new CommandArguments(Command.XREAD)
                  .add("COUNT")
                  .add(1)
                  .add("BLOCK")
                  .add(patience.toMillis())
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
