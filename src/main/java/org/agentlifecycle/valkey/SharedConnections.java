package org.agentlifecycle.valkey;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.agentlifecycle.agent.LifecycleException;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * A few connections that all requests share. Calls that wait at the same time are sent in one write
 * and their replies are read together, because the store needs more time for a wake-up, a read and
 * a write than for most calls.
 *
 * <p>The first caller that finds a connection free is its leader: it sends its own call with those
 * that wait, reads the replies, and hands the connection over to the next waiting caller. A caller
 * alone sends its call at once. A frozen connection delays only the calls that were sent on it.
 *
 * <p>A call that was not written completely was not sent and changed nothing. A call that was
 * written and has no reply has an unknown outcome. A call ends within the pool timeout and twice
 * {@link ValkeyClient#SOCKET_TIMEOUT} if the store does not reply.
 */
final class SharedConnections {

  /** How often a leader replaces a connection that is dropped while it connects. */
  private static final int MAX_ATTEMPTS = 3;

  /** The leader detects a timeout first. Its caller reports the cause. */
  private static final Duration REPLY_TIMEOUT = ValkeyClient.SOCKET_TIMEOUT.plusMillis(50);

  private final Duration poolTimeout;
  private final FaultHandler faults;
  private final CallQueue queue;

  /**
   * @param connections number of connections
   * @param poolTimeout how long a call waits for a connection before it is shed
   */
  SharedConnections(ValkeyClient client, OutageLog outages, int connections, Duration poolTimeout) {
    this.poolTimeout = poolTimeout;
    this.faults = new FaultHandler(outages, poolTimeout);
    this.queue =
        new CallQueue(Stream.generate(() -> new Lane(client, faults)).limit(connections).toList());
  }

  /**
   * Makes a call once.
   *
   * @throws LifecycleException as {@code AgentStore} says
   */
  <T> T call(Function<CommandSender, T> call) {
    faults.admitCall();
    try {
      T reply = call.apply(this::send);
      faults.onSuccess();
      return reply;
    } catch (JedisException failure) {
      throw translate(failure);
    }
  }

  private LifecycleException translate(JedisException failure) {
    if (failure instanceof CallNotSentException notSent) {
      return faults.notSent(notSent.reason());
    }
    if (failure instanceof JedisDataException error) {
      return faults.translate(error);
    }
    return LifecycleException.outcomeUnknown(failure);
  }

  private Object send(CommandArguments command) {
    Object result = sendTogether(List.of(command)).get(0);
    if (result instanceof RuntimeException failure) {
      throw failure;
    }
    return result;
  }

  /** Sends the commands in one write. Each result is a reply or a {@link RuntimeException}. */
  private List<Object> sendTogether(List<CommandArguments> commands) {
    QueuedCall call = new QueuedCall(commands, System.nanoTime() + poolTimeout.toNanos());
    Lane lane = queue.await(call);
    if (lane != null) {
      lead(lane, call);
    }
    List<Object> results = call.results();
    if (results.stream().anyMatch(SharedConnections::isFromReplica)) {
      queue.drop(call.generation());
    }
    return results;
  }

  /**
   * Makes several calls of one caller, in order and in one write.
   *
   * @param calls the commands
   * @param onFunctionMissing loads the functions; a call of a missing function is repeated once
   * @return the results in the same order
   * @throws LifecycleException {@code STORE_UNAVAILABLE} if no call was sent
   */
  List<CallResult> callAll(
      List<CommandArguments> calls, Consumer<CommandSender> onFunctionMissing) {
    faults.admitCall();
    BatchSender batch =
        new BatchSender(this::sendTogether, () -> onFunctionMissing.accept(this::send));
    List<Object> results = batch.send(calls);
    if (results.stream().allMatch(CallNotSentException.class::isInstance)) {
      throw translate((CallNotSentException) results.get(0));
    }
    List<CallResult> translated = results.stream().map(this::toCallResult).toList();
    if (translated.stream().anyMatch(result -> result.failure() == null)) {
      faults.onSuccess();
    }
    return translated;
  }

  private CallResult toCallResult(Object result) {
    return result instanceof JedisException failure
        ? new CallResult(null, translate(failure))
        : new CallResult(result, null);
  }

  private static boolean isFromReplica(Object result) {
    return result instanceof JedisDataException error && StoreErrors.isReplica(error);
  }

  private void lead(Lane lane, QueuedCall own) {
    try {
      exchange(lane, connect(lane, own));
    } catch (JedisException unreachable) {
      onFailure(own, unreachable);
      own.fail(unreachable);
      queue.failWaiting(unreachable);
    } finally {
      queue.handOver(lane);
    }
  }

  /**
   * Provides a connection, and takes the waiting calls that are sent with the call of the leader.
   */
  private List<QueuedCall> connect(Lane lane, QueuedCall own) {
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      long generation = queue.generation();
      own.sentIn(generation);
      lane.connect(generation);
      List<QueuedCall> calls = queue.take(lane, own, System.nanoTime() + REPLY_TIMEOUT.toNanos());
      if (!calls.isEmpty()) {
        return calls;
      }
    }
    throw new JedisException("the connection was dropped before it was used");
  }

  private void exchange(Lane lane, List<QueuedCall> calls) {
    try {
      lane.exchange(calls, System.nanoTime() + ValkeyClient.SOCKET_TIMEOUT.toNanos());
    } catch (JedisConnectionException lost) {
      onFailure(calls.get(0), lost);
      calls.forEach(call -> call.fail(lost));
    } catch (Error broken) { // otherwise the other callers would wait for a timeout
      calls.forEach(call -> call.fail(new JedisConnectionException(broken)));
      throw broken;
    }
  }

  /** Other connections are dropped before a caller can repeat its call on one of them. */
  private void onFailure(QueuedCall call, JedisException failure) {
    if (failure instanceof JedisConnectionException lost) {
      faults.onConnectionLost(lost);
      if (!FaultHandler.isTimeout(lost)) {
        queue.drop(call.generation());
      }
    } else {
      faults.onReply();
    }
  }

  void close() {
    queue.close();
  }
}
