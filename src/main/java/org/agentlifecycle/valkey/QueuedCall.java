package org.agentlifecycle.valkey;

import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.args.Rawable;
import redis.clients.jedis.exceptions.JedisConnectionException;

/**
 * Commands of one caller that share a write and a read with those of other callers. The leader of a
 * connection sends the commands and completes them in order; the caller waits for the last one.
 */
final class QueuedCall {
  /** Bytes of an argument besides its text: its length and the line ends. */
  private static final int ARGUMENT_OVERHEAD = 10;

  private final List<CommandArguments> commands;
  private final int bytes;
  private final boolean changes;
  private final Thread caller = Thread.currentThread();

  /** A reply, or a {@link RuntimeException} if the command failed. */
  private final Object[] results;

  /**
   * The {@link System#nanoTime()} until which the caller waits, first to be sent, then for replies.
   */
  private volatile long deadline;

  private volatile boolean taken;
  private volatile Lane lane;

  /** The number of commands that have a result. Its write publishes the results. */
  private volatile int completed;

  /** The number of commands that are completely in the output. Only the leader uses it. */
  private int written;

  /** The generation of the connection. Only valid for a call that has a reply. */
  private long generation;

  /**
   * @param commands at least one
   * @param deadline the {@link System#nanoTime()} until which the call must be taken
   */
  QueuedCall(List<CommandArguments> commands, long deadline) {
    this.commands = commands;
    this.deadline = deadline;
    this.results = new Object[commands.size()];
    this.bytes = bytes(commands);
    this.changes = commands.stream().anyMatch(c -> c.getCommand() == Command.FCALL);
  }

  private static int bytes(List<CommandArguments> commands) {
    int sum = 0;
    for (CommandArguments command : commands) {
      for (Rawable argument : command) {
        sum += argument.getRaw().length + ARGUMENT_OVERHEAD;
      }
    }
    return sum;
  }

  List<CommandArguments> commands() {
    return commands;
  }

  int size() {
    return results.length;
  }

  /** Returns whether a command may change something. */
  boolean changes() {
    return changes;
  }

  int bytes() {
    return bytes;
  }

  /** The leader will send this call, and the caller waits for the replies from now on. */
  void take(long replyDeadline) {
    deadline = replyDeadline;
    taken = true;
  }

  /** Read it before {@link #remainingNanos()}. */
  boolean isTaken() {
    return taken;
  }

  long remainingNanos() {
    return deadline - System.nanoTime();
  }

  /** The caller must lead this lane. */
  void lead(Lane free) {
    lane = free;
  }

  void wakeUp() {
    LockSupport.unpark(caller);
  }

  /** Returns the connection that the caller must lead; null if there is none. */
  Lane lane() {
    return lane;
  }

  void onWritten() {
    written++;
  }

  void sentIn(long connectionGeneration) {
    generation = connectionGeneration;
  }

  long generation() {
    return generation;
  }

  boolean isDone() {
    return completed == results.length;
  }

  /** Sets the result of the next command. */
  void complete(Object result) {
    int next = completed;
    results[next] = result;
    completed = next + 1;
    if (next + 1 == results.length) {
      wakeUp();
    }
  }

  /** Ends the commands without a result. Those that were not written changed nothing. */
  void fail(RuntimeException lost) {
    while (!isDone()) {
      complete(completed < written ? lost : new CallNotSentException(lost));
    }
  }

  /** Returns the results. A command without one was sent and received no reply in time. */
  List<Object> results() {
    int known = completed;
    Object[] copy = Arrays.copyOf(results, results.length);
    if (known < copy.length) {
      SocketTimeoutException late = new SocketTimeoutException("no reply in time");
      Arrays.fill(copy, known, copy.length, new JedisConnectionException(late));
    }
    return Arrays.asList(copy);
  }
}
