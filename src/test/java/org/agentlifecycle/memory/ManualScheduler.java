package org.agentlifecycle.memory;

import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import java.lang.reflect.Field;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.RejectedExecutionException;

/** A container's scheduler whose tasks run when the test says so, on the test's own thread. */
public final class ManualScheduler {
  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private boolean stopping;

  /** What a bean would have injected. */
  private final ManagedScheduledExecutorService proxy =
      (ManagedScheduledExecutorService)
          Proxy.newProxyInstance(
              ManualScheduler.class.getClassLoader(),
              new Class<?>[] {ManagedScheduledExecutorService.class},
              (self, method, arguments) -> {
                if (stopping) {
                  throw new RejectedExecutionException("the server is stopping");
                }
                if (!method.getName().startsWith("schedule")) {
                  throw new UnsupportedOperationException(method.getName());
                }
                tasks.add((Runnable) arguments[0]);
                return null;
              });

  /** Puts this where the container would put its own. */
  public void injectInto(Object bean) {
    for (Field field : bean.getClass().getDeclaredFields()) {
      if (field.getType() == ManagedScheduledExecutorService.class) {
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
    return tasks.size();
  }

  /** Runs what waits now; a periodic task comes back by itself only in a container. */
  public void run() {
    for (int left = tasks.size(); left > 0; left--) {
      tasks.remove().run();
    }
  }

  /** Takes no more tasks from now on. */
  public void stop() {
    stopping = true;
  }
}
