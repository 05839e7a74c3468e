package org.agentlifecycle.valkey;

import java.util.List;
import redis.clients.jedis.exceptions.JedisConnectionException;

/** Place of a {@link SharedConnection}, which it replaces when necessary. It has one leader. */
final class Lane {
  private final ValkeyClient client;
  private final FaultHandler faults;
  private volatile SharedConnection connection;

  Lane(ValkeyClient client, FaultHandler faults) {
    this.client = client;
    this.faults = faults;
  }

  /** Returns whether there is a connection of that generation. */
  boolean isConnected(long generation) {
    SharedConnection current = connection;
    return current != null && current.generation() == generation;
  }

  /**
   * Provides a connection of that generation.
   *
   * @throws redis.clients.jedis.exceptions.JedisException if there is none
   */
  void connect(long generation) {
    if (connection != null && !(isConnected(generation) && connection.isUsable())) {
      close();
    }
    if (connection == null) {
      connection =
          ConnectionRetry.connect(
              () ->
                  new SharedConnection(
                      client.hostAndPort(),
                      client.clientConfig(),
                      generation,
                      faults,
                      client.confirmation()));
    }
  }

  /**
   * Sends the calls and completes them.
   *
   * @throws JedisConnectionException if the connection is lost; it is closed then
   */
  void exchange(List<QueuedCall> calls, long deadline) {
    boolean inStep = false;
    try {
      connection.exchange(calls, deadline);
      inStep = true;
    } catch (JedisConnectionException lost) {
      throw lost;
    } catch (RuntimeException unreadable) {
      throw new JedisConnectionException(unreadable);
    } finally {
      if (!inStep) {
        close();
      }
    }
  }

  void close() {
    SharedConnection old = connection;
    connection = null;
    if (old != null) {
      old.close();
    }
  }
}
