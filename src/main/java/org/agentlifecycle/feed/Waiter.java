package org.agentlifecycle.feed;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * A request that waits for a change of an agent. It ends once, before or after {@link #begin}, and
 * its action then runs once.
 */
public final class Waiter {

  /** Reason why a waiter ended. */
  public enum End {
    /** The agent may have changed. */
    CHANGED,
    /** The time is over, or changes may have been missed. */
    OVER,
    /** The server stops. */
    STOPPING,
    /** The request was closed. */
    CLOSED
  }

  private final ChangeWatch watch;
  private final String agentId;
  private final long deadline;
  private final long number;
  private final AtomicReference<End> end = new AtomicReference<>();
  private final AtomicReference<Consumer<End>> action = new AtomicReference<>();
  private final AtomicBoolean resumed = new AtomicBoolean();

  /**
   * @param deadline the time at which the waiter ends, as {@link System#nanoTime()}
   * @param number orders the waiters with the same deadline
   */
  Waiter(ChangeWatch watch, String agentId, long deadline, long number) {
    this.watch = watch;
    this.agentId = agentId;
    this.deadline = deadline;
    this.number = number;
  }

  String agentId() {
    return agentId;
  }

  static int byDeadline(Waiter one, Waiter other) {
    int order = Long.signum(one.deadline - other.deadline);
    return order == 0 ? Long.compare(one.number, other.number) : order;
  }

  boolean isDue(long now) {
    return deadline - now <= 0;
  }

  /** Returns why the waiter ended; null while it waits. */
  public End end() {
    return end.get();
  }

  /**
   * Sets the action that resumes the request. It runs at once if the waiter has ended. It must not
   * block, and the caller must call {@link #close()} when the resumed request has been processed.
   */
  public void begin(Consumer<End> resume) {
    action.set(resume);
    if (end.get() != null) {
      resumeOnce();
    }
  }

  /** Ends the waiter unless it has ended. */
  void end(End reason) {
    if (end.compareAndSet(null, reason)) {
      watch.remove(this);
      if (action.get() != null) {
        resumeOnce();
      }
    }
  }

  /** Either {@link #begin} or {@link #end(End)} sees the value of the other one, or both do. */
  private void resumeOnce() {
    if (end.get() != End.CLOSED && resumed.compareAndSet(false, true)) {
      watch.resume(this);
    }
  }

  void runAction() {
    action.get().accept(end.get());
  }

  /** Reports that the request does not wait any longer and is not in progress. */
  public void close() {
    if (end.compareAndSet(null, End.CLOSED)) {
      watch.remove(this);
    }
    watch.completed(this);
  }
}
