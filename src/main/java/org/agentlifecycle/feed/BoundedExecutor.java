package org.agentlifecycle.feed;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Uses at most a fixed number of threads of another executor. Each lane runs its tasks one after
 * the other; tasks are spread over the lanes in turn.
 */
final class BoundedExecutor implements Executor {
  private final Lane[] lanes;
  private final AtomicInteger next = new AtomicInteger();

  BoundedExecutor(Executor executor, int threads) {
    lanes = new Lane[threads];
    for (int i = 0; i < threads; i++) {
      lanes[i] = new Lane(executor);
    }
  }

  @Override
  public void execute(Runnable task) {
    lanes[Math.floorMod(next.getAndIncrement(), lanes.length)].add(task);
  }

  /** Each signal of the loop stands for one task, so that no task remains without a run. */
  private static final class Lane {
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final DrainLoop loop;

    Lane(Executor executor) {
      loop = new DrainLoop(executor, this::runTasks);
    }

    void add(Runnable task) {
      tasks.add(task);
      loop.signal();
    }

    private void runTasks() {
      for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
        runOne(task);
      }
    }

    /** A task that fails must not end the others. */
    private static void runOne(Runnable task) {
      try {
        task.run();
      } catch (Throwable failure) {
        FeedFailures.log("a task of the feed failed", failure);
      }
    }
  }
}
