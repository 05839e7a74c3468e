package org.agentlifecycle.valkey;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.exceptions.JedisDataException;

/** A connection that sends the calls of many callers in one write and reads their replies. */
final class SharedConnection extends Connection {

  private final long generation;
  private final FaultHandler faults;
  private long lastUse = System.nanoTime();

  /** Connects. */
  SharedConnection(
      HostAndPort store, JedisClientConfig config, long generation, FaultHandler faults) {
    super(store, config);
    this.generation = generation;
    this.faults = faults;
  }

  /** Returns when it was opened: the number of times that connections had been dropped. */
  long generation() {
    return generation;
  }

  /** Returns whether the connection can be used. */
  boolean isUsable() {
    return !isBroken() && faults.isUsable(this, Duration.ofNanos(System.nanoTime() - lastUse));
  }

  /** The last reply may have left a shorter timeout. */
  @Override
  public boolean ping() {
    setSoTimeout(Math.toIntExact(ValkeyClient.SOCKET_TIMEOUT.toMillis()));
    return super.ping();
  }

  /**
   * Sends the calls and completes them, in this order.
   *
   * @param deadline the {@link System#nanoTime()} until which replies are awaited
   * @throws redis.clients.jedis.exceptions.JedisConnectionException if the connection is lost. The
   *     calls that are not done have no reply.
   */
  void exchange(List<QueuedCall> calls, long deadline) {
    for (QueuedCall call : calls) {
      call.sentIn(generation);
      for (CommandArguments command : call.commands()) {
        sendCommand(command);
        call.onWritten();
      }
    }
    flush();
    for (QueuedCall call : calls) {
      while (!call.isDone()) {
        Object reply = read(deadline);
        faults.onReply();
        call.complete(reply);
      }
    }
    lastUse = System.nanoTime();
  }

  /** Returns the reply or the error reply. */
  private Object read(long deadline) {
    long millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
    setSoTimeout(Math.toIntExact(Math.max(1, millis)));
    try {
      return readProtocolWithCheckingBroken();
    } catch (JedisDataException error) {
      return error;
    }
  }

  /** Closes the connection without sending what is in its output. */
  @Override
  public void close() {
    try {
      forceDisconnect();
    } catch (IOException closed) {
      setBroken();
    }
  }
}
