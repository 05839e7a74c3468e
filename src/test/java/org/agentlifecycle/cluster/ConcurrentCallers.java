package org.agentlifecycle.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/** Thread pool whose threads make their calls at the same time. */
final class ConcurrentCallers implements AutoCloseable {
  private final int count;
  private final ExecutorService threads;

  ConcurrentCallers(int count) {
    this.count = count;
    this.threads = Executors.newFixedThreadPool(count);
  }

  /** Makes one call per thread, all at the same moment; returns the results in thread order. */
  <T> List<T> concurrently(IntFunction<T> call) {
    CyclicBarrier start = new CyclicBarrier(count);
    return all(
        count,
        caller -> {
          try {
            start.await(1, TimeUnit.MINUTES);
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
          return call.apply(caller);
        });
  }

  /** Distributes calls 0 to {@code calls - 1} to the threads; returns the results in call order. */
  <T> List<T> all(int calls, IntFunction<T> call) {
    List<Callable<T>> tasks = new ArrayList<>();
    for (int i = 0; i < calls; i++) {
      int number = i;
      tasks.add(() -> call.apply(number));
    }
    try {
      List<T> results = new ArrayList<>();
      for (Future<T> done : threads.invokeAll(tasks)) {
        results.add(done.get());
      }
      return results;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
