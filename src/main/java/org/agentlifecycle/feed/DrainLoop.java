package org.agentlifecycle.feed;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs a body at most once at a time, and once more after each signal. The counter of signals
 * cannot lose one: a run subtracts only the signals that it found when it started.
 */
final class DrainLoop {
  private final Executor executor;
  private final Runnable body;

  /** The work in progress: signals without a completed run. The caller that makes it 1 starts. */
  private final AtomicInteger wip = new AtomicInteger();

  DrainLoop(Executor executor, Runnable body) {
    this.executor = executor;
    this.body = body;
  }

  /** Requests a run on the executor. Several signals may share one run. */
  void signal() {
    if (wip.getAndIncrement() == 0) {
      start();
    }
  }

  /** Requests a run, on the calling thread unless one is in progress. */
  void signalHere() {
    if (wip.getAndIncrement() == 0) {
      run();
    }
  }

  private void start() {
    try {
      executor.execute(this::run);
    } catch (RejectedExecutionException stopping) {
      run();
    }
  }

  private void run() {
    int signals = wip.get();
    try {
      body.run();
    } catch (Throwable failure) { // otherwise the counter would never reach 0 again
      FeedFailures.log("a task of the feed failed", failure);
    }
    if (wip.addAndGet(-signals) > 0) {
      start(); // the executor's other tasks run in between
    }
  }
}
