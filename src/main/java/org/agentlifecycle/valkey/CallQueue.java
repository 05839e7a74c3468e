package org.agentlifecycle.valkey;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import redis.clients.jedis.exceptions.JedisException;

/**
 * The calls that wait for a connection, in order of arrival, and the free lanes. A lane is free
 * only if no call waits. The caller that receives a lane is its leader until it returns the lane.
 */
final class CallQueue {

  /** Maximum number of waiting calls. Another call is shed immediately. */
  private static final int MAX_WAITING = 1_024;

  /** Maximum number of commands in one write. It bounds how long a leader works for others. */
  private static final int MAX_COMMANDS = 128;

  /** Maximum size of one write, unless a single call is larger: the socket must accept it all. */
  private static final int MAX_BYTES = 64 * 1024;

  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<QueuedCall> waiting = new ArrayDeque<>();

  /** The lane that was used last is used first, so that few connections are idle for long. */
  private final Deque<Lane> free;

  private final List<Lane> lanes;
  private volatile long generation;
  private boolean closed;

  CallQueue(Collection<Lane> lanes) {
    this.lanes = List.copyOf(lanes);
    this.free = new ArrayDeque<>(lanes);
  }

  /**
   * Waits until the call is done or its caller must lead.
   *
   * @return the lane to lead; null if the call is done or received no reply in time
   * @throws CallNotSentException if no lane was free in time, or the caller is interrupted
   */
  Lane await(QueuedCall call) {
    Lane lane = enter(call);
    boolean interrupted = false;
    try {
      while (lane == null && !call.isDone()) {
        boolean taken = call.isTaken();
        long remaining = call.remainingNanos();
        if (taken && remaining <= 0) {
          return null;
        }
        if (!taken && (remaining <= 0 || interrupted)) {
          withdraw(call);
        } else {
          LockSupport.parkNanos(this, remaining);
        }
        interrupted |= Thread.interrupted();
        lane = call.lane();
      }
      return lane;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private Lane enter(QueuedCall call) {
    lock.lock();
    try {
      Lane lane = free.poll();
      if (lane == null) {
        if (waiting.size() >= MAX_WAITING) {
          throw shed();
        }
        waiting.add(call);
      }
      return lane;
    } finally {
      lock.unlock();
    }
  }

  /** Ends the wait of a call, unless it was taken or its caller has become a leader. */
  private void withdraw(QueuedCall call) {
    lock.lock();
    try {
      if (waiting.remove(call)) {
        throw shed();
      }
    } finally {
      lock.unlock();
    }
  }

  private static CallNotSentException shed() {
    return new CallNotSentException(new JedisException("all connections are in use"));
  }

  /**
   * Takes waiting calls for the next write.
   *
   * @param own the call of the leader, the first of them
   * @return the calls; empty if the connection of the lane was dropped
   */
  List<QueuedCall> take(Lane lane, QueuedCall own, long replyDeadline) {
    List<QueuedCall> taken = new ArrayList<>();
    lock.lock();
    try {
      if (lane.isConnected(generation)) {
        int commands = 0;
        int bytes = 0;
        QueuedCall next = own;
        do {
          taken.add(next);
          commands += next.size();
          bytes += next.bytes();
          next = pollWithin(MAX_COMMANDS - commands, MAX_BYTES - bytes, replyDeadline);
        } while (next != null);
      }
      return taken;
    } finally {
      lock.unlock();
    }
  }

  private QueuedCall pollWithin(int commands, int bytes, long replyDeadline) {
    QueuedCall next = waiting.peek();
    if (next == null || next.size() > commands || next.bytes() > bytes) {
      return null;
    }
    next.take(replyDeadline);
    return waiting.remove();
  }

  /** Makes the caller of the first waiting call the leader. */
  void handOver(Lane lane) {
    QueuedCall next;
    lock.lock();
    try {
      next = waiting.poll();
      if (next != null) {
        next.lead(lane);
      } else if (closed) {
        lane.close();
      } else {
        free.push(lane);
      }
    } finally {
      lock.unlock();
    }
    if (next != null) {
      next.wakeUp();
    }
  }

  /** Ends all waiting calls if there is no connection: the store could not be reached. */
  void failWaiting(RuntimeException reason) {
    List<QueuedCall> failed = new ArrayList<>();
    lock.lock();
    try {
      if (lanes.stream().noneMatch(lane -> lane.isConnected(generation))) {
        failed.addAll(waiting);
        waiting.clear();
      }
    } finally {
      lock.unlock();
    }
    failed.forEach(call -> call.fail(reason));
  }

  /** Returns how often connections were dropped. Older connections must not be used. */
  long generation() {
    return generation;
  }

  /**
   * Drops the connections of that generation, because they lead to the same store. Each is closed
   * before its next use.
   */
  void drop(long lost) {
    lock.lock();
    try {
      generation = Math.max(generation, lost + 1);
    } finally {
      lock.unlock();
    }
  }

  void close() {
    lock.lock();
    try {
      closed = true;
      free.forEach(Lane::close);
      free.clear();
    } finally {
      lock.unlock();
    }
  }
}
