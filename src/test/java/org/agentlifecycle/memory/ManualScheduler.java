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

/** A container's scheduler whose tasks run when the test says so, on the test's own thread. */
public final class ManualScheduler {
  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private final List<Runnable> periodic = new ArrayList<>();
  private boolean stopping;

  /** What a bean would have injected. */
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

  /** What a bean would have injected. */
  public ManagedScheduledExecutorService asService() {
    return proxy;
  }

  /** Puts this where the container would put its own. */
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

  /** How many tasks wait. */
  public int waiting() {
    return tasks.size() + periodic.size();
  }

  /** Runs what waits now. */
  public void run() {
    for (int left = tasks.size(); left > 0; left--) {
      tasks.remove().run();
    }
  }

  /** Loses the waiting tasks, as an executor whose threads have ended. */
  public void loseTasks() {
    tasks.clear();
  }

  /** Runs every periodic task once. */
  public void runPeriodic() {
    List.copyOf(periodic).forEach(Runnable::run);
  }

  /** Runs a periodic task once, counted in the order in which they came. */
  public void runPeriodic(int index) {
    periodic.get(index).run();
  }

  /** Takes no more tasks from now on. */
  public void stop() {
    stopping = true;
  }
}
