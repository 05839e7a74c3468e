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
import redis.clients.jedis.exceptions.JedisException;

/** A connection that sends the calls of many callers in one write and reads their replies. */
final class SharedConnection extends Connection {

  /** A connection that was idle for this time is tested before use. */
  private static final Duration VALIDATE_AFTER_IDLE = Duration.ofSeconds(1);

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

  /**
   * Returns whether the connection can be used. After a timeout an idle connection is not tested,
   * because the test could make the caller wait for another timeout.
   */
  boolean isUsable() {
    if (isBroken()) {
      return false;
    }
    if (System.nanoTime() - lastUse < VALIDATE_AFTER_IDLE.toNanos()) {
      return true;
    }
    return !faults.isSuspicious() && isAlive();
  }

  private boolean isAlive() {
    try {
      setSoTimeout(Math.toIntExact(ValkeyClient.SOCKET_TIMEOUT.toMillis()));
      return ping();
    } catch (JedisException lost) {
      faults.onTestFailed(lost);
      return false;
    }
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
