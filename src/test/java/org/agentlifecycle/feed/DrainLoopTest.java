package org.agentlifecycle.feed;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DrainLoopTest {
  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private final ExecutorService threads = Executors.newFixedThreadPool(4);

  @AfterEach
  void end() {
    threads.shutdownNow();
  }

  private void runTasks() {
    while (!tasks.isEmpty()) {
      tasks.remove().run();
    }
  }

  /** Every number of signals before, during and after each of three runs. */
  @Test
  void everySignalIsFollowedByARunWhereverItArrives() {
    for (int pattern = 0; pattern < 1 << 9; pattern++) {
      int signals = pattern;
      int[] state = new int[2]; // number of signals, number of signals at the last run
      AtomicInteger runs = new AtomicInteger();
      DrainLoop[] loop = new DrainLoop[1];
      loop[0] =
          new DrainLoop(
              tasks::add,
              () -> {
                int run = runs.getAndIncrement();
                state[1] = state[0];
                if (run < 3 && (signals >> (3 * run) & 1) != 0) {
                  state[0]++;
                  loop[0].signal();
                }
                if (run < 3 && (signals >> (3 * run) & 2) != 0) {
                  state[0]++;
                  loop[0].signal();
                }
              });
      for (int i = 0; i < 3; i++) {
        state[0]++;
        loop[0].signal();
        if ((signals >> (3 * i) & 4) != 0) {
          tasks.remove().run();
        }
        if (tasks.isEmpty()) {
          continue;
        }
        assertThat(tasks).as("one run at a time").hasSize(1);
      }
      runTasks();
      assertThat(state[1]).as("pattern %d", pattern).isEqualTo(state[0]);
    }
  }

  @Test
  void failedRunDoesNotPreventTheNext() {
    AtomicInteger runs = new AtomicInteger();
    DrainLoop loop =
        new DrainLoop(
            tasks::add,
            () -> {
              if (runs.incrementAndGet() == 1) {
                throw new OutOfMemoryError("test");
              }
            });
    loop.signal();
    runTasks();
    loop.signal();
    runTasks();
    assertThat(runs).hasValue(2);
  }

  @Test
  void rejectedTaskRunsOnTheCallingThread() {
    AtomicInteger runs = new AtomicInteger();
    DrainLoop loop =
        new DrainLoop(
            task -> {
              throw new RejectedExecutionException("test");
            },
            runs::incrementAndGet);
    loop.signal();
    loop.signal();
    assertThat(runs).hasValue(2);
  }

  @Test
  void concurrentSignalsLoseNoWorkAndRunsDoNotOverlap() throws Exception {
    AtomicInteger submitted = new AtomicInteger();
    AtomicInteger seen = new AtomicInteger();
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger overlaps = new AtomicInteger();
    DrainLoop loop =
        new DrainLoop(
            threads,
            () -> {
              if (inside.incrementAndGet() > 1) {
                overlaps.incrementAndGet();
              }
              seen.set(submitted.get());
              inside.decrementAndGet();
            });
    for (int round = 0; round < 2_000; round++) {
      List<Future<?>> callers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        callers.add(
            threads.submit(
                () -> {
                  submitted.incrementAndGet();
                  loop.signal();
                }));
      }
      for (Future<?> caller : callers) {
        caller.get();
      }
      while (seen.get() != submitted.get()) {
        Thread.yield(); // until the timeout of the test
      }
    }
    assertThat(overlaps).hasValue(0);
  }

  /** A task that arrives while all threads finish must not be lost. */
  @Test
  void boundedExecutorRunsEveryTaskOnFewThreads() throws Exception {
    AtomicInteger ran = new AtomicInteger();
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    ExecutorService pool = Executors.newCachedThreadPool();
    try {
      BoundedExecutor bounded = new BoundedExecutor(pool, 3);
      int expected = 0;
      for (int round = 0; round < 2_000; round++) {
        List<Future<?>> callers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          callers.add(
              threads.submit(
                  () ->
                      bounded.execute(
                          () -> {
                            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                            ran.incrementAndGet();
                            inside.decrementAndGet();
                            if (ran.get() % 700 == 0) {
                              throw new IllegalStateException("test");
                            }
                          })));
        }
        for (Future<?> caller : callers) {
          caller.get();
        }
        expected += 4;
        while (ran.get() != expected) {
          Thread.yield(); // until the timeout of the test
        }
      }
      assertThat(most.get()).isLessThanOrEqualTo(3);
    } finally {
      pool.shutdownNow();
    }
  }
}
