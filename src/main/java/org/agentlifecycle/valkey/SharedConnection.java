package org.agentlifecycle.valkey;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
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
  private final ReplicaConfirmation confirmation;
  private long lastUse = System.nanoTime();

  /**
   * Connects.
   *
   * @param confirmation confirms each change; null: no replica must confirm it
   */
  SharedConnection(
      HostAndPort store,
      JedisClientConfig config,
      long generation,
      FaultHandler faults,
      ReplicaConfirmation confirmation) {
    super(store, config);
    this.confirmation = confirmation;
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
    if (confirmation != null && calls.stream().anyMatch(QueuedCall::changes)) {
      confirmation.commands().forEach(this::sendCommand);
      flush();
      completeConfirmed(calls, deadline);
    } else {
      flush();
      for (QueuedCall call : calls) {
        while (!call.isDone()) {
          call.complete(readReply(deadline));
        }
      }
    }
    lastUse = System.nanoTime();
  }

  /** Completes the calls after the replicas have confirmed them, or not. */
  private void completeConfirmed(List<QueuedCall> calls, long deadline) {
    List<List<Object>> replies = new ArrayList<>();
    for (QueuedCall call : calls) {
      replies.add(readReplies(call.size(), deadline));
    }
    boolean confirmed =
        confirmation.isConfirmed(readReplies(confirmation.commands().size(), deadline));
    if (!confirmed) {
      faults.onUnconfirmed();
    }
    for (int i = 0; i < calls.size(); i++) {
      QueuedCall call = calls.get(i);
      for (Object reply : replies.get(i)) {
        call.complete(
            confirmed || !call.changes() ? reply : ReplicaConfirmation.unconfirmed(reply));
      }
    }
  }

  private List<Object> readReplies(int count, long deadline) {
    List<Object> replies = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      replies.add(readReply(deadline));
    }
    return replies;
  }

  private Object readReply(long deadline) {
    Object reply = read(deadline);
    faults.onReply();
    return reply;
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
