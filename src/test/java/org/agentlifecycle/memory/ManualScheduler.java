package org.agentlifecycle.memory;

import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import java.lang.reflect.Field;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;

/** Scheduler of a container that runs its tasks on request, on the thread of the test. */
public final class ManualScheduler {
  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private final List<Runnable> periodic = new ArrayList<>();
  private boolean stopping;

  /** Proxy that the beans use as their scheduler. */
  private final ManagedScheduledExecutorService proxy =
      (ManagedScheduledExecutorService)
          Proxy.newProxyInstance(
              ManualScheduler.class.getClassLoader(),
              new Class<?>[] {ManagedScheduledExecutorService.class},
              (self, method, arguments) -> take(method.getName(), arguments));

  private Object take(String method, Object... arguments) {
    if (stopping) {
      throw new RejectedExecutionException("the server is stopping");
    }
    Runnable task = (Runnable) arguments[0];
    switch (method) {
      case "execute", "schedule" -> tasks.add(task);
      case "scheduleWithFixedDelay" -> periodic.add(task);
      default -> throw new UnsupportedOperationException(method);
    }
    return method.equals("execute") ? null : cancelling(task);
  }

  private ScheduledFuture<?> cancelling(Runnable task) {
    return (ScheduledFuture<?>)
        Proxy.newProxyInstance(
            ManualScheduler.class.getClassLoader(),
            new Class<?>[] {ScheduledFuture.class},
            (self, method, arguments) -> {
              if (!method.getName().equals("cancel")) {
                throw new UnsupportedOperationException(method.getName());
              }
              return tasks.remove(task) || periodic.remove(task);
            });
  }

  /** Returns the scheduler for a bean. */
  public ManagedScheduledExecutorService asService() {
    return proxy;
  }

  /** Injects this scheduler into the fields of a bean. */
  public void injectInto(Object bean) {
    for (Field field : bean.getClass().getDeclaredFields()) {
      if (field.getType().isAssignableFrom(ManagedScheduledExecutorService.class)
          && field.getType().getPackageName().equals("jakarta.enterprise.concurrent")) {
        try {
          field.setAccessible(true);
          field.set(bean, proxy);
        } catch (IllegalAccessException e) {
          throw new AssertionError(e);
        }
      }
    }
  }

  /** Returns the number of pending and periodic tasks. */
  public int waiting() {
    return tasks.size() + periodic.size();
  }

  /** Runs the tasks that are pending now. */
  public void run() {
    for (int left = tasks.size(); left > 0; left--) {
      tasks.remove().run();
    }
  }

  /** Discards the pending tasks, as an executor does after its threads have ended. */
  public void loseTasks() {
    tasks.clear();
  }

  /** Runs every periodic task once. */
  public void runPeriodic() {
    List.copyOf(periodic).forEach(Runnable::run);
  }

  /** Runs one periodic task once; the index is the order of scheduling. */
  public void runPeriodic(int index) {
    periodic.get(index).run();
  }

  /** Rejects all later tasks. */
  public void stop() {
    stopping = true;
  }
}
