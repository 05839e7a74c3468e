package org.agentlifecycle.feed;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.enterprise.concurrent.ManagedExecutorService;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.enterprise.concurrent.ManagedThreadFactory;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many threads wait for agents that other threads change: no wake-up is lost or comes twice. */
@Timeout(120)
class ChangeWatchRaceTest {
  private static final int AGENTS = 5;
  private static final int READERS = 8;
  private static final int CHANGES = 3000;
  private static final Duration LONG = Duration.ofHours(1);

  private final TestFeed feed = new TestFeed();
  private final LiveFeed live = new LiveFeed(feed, 0, System::nanoTime);
  private final ChangeWatch watch = new ChangeWatch(live, 1000, System::nanoTime);
  private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(8);
  private final ExecutorService callers = Executors.newCachedThreadPool();
  private final AtomicLongArray versions = new AtomicLongArray(AGENTS);
  private final AtomicInteger wakeUps = new AtomicInteger();

  @BeforeEach
  void start() throws ReflectiveOperationException {
    set(live, "executor", ManagedExecutorService.class);
    set(live, "scheduler", ManagedScheduledExecutorService.class);
    set(watch, "scheduler", ManagedScheduledExecutorService.class);
    set(live, "threads", ManagedThreadFactory.class);
    live.start();
    feed.add(1);
  }

  @AfterEach
  void stop() {
    live.stop();
    threads.shutdownNow();
    callers.shutdownNow();
  }

  private void set(Object bean, String field, Class<?> type) throws ReflectiveOperationException {
    Field declared = bean.getClass().getDeclaredField(field);
    declared.setAccessible(true);
    declared.set(
        bean,
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              if (method.getName().equals("newThread")) {
                return new Thread((Runnable) arguments[0]);
              }
              try {
                return ScheduledExecutorService.class
                    .getMethod(method.getName(), method.getParameterTypes())
                    .invoke(threads, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }

  @Test
  void everyWaiterSeesTheLastVersion() throws Exception {
    List<Future<?>> readers = new ArrayList<>();
    for (int reader = 0; reader < READERS; reader++) {
      int agent = reader % AGENTS;
      readers.add(callers.submit(() -> readUntilLast(agent)));
    }
    Future<?> writer = callers.submit(this::change);
    writer.get(1, TimeUnit.MINUTES);
    for (Future<?> reader : readers) {
      reader.get(1, TimeUnit.MINUTES); // a lost wake-up would wait for an hour
    }
    assertThat(wakeUps.get()).isPositive();
    assertThat(watch.waiting()).isZero();
  }

  private void change() {
    for (int i = 1; i <= CHANGES * AGENTS; i++) {
      int agent = i % AGENTS;
      versions.incrementAndGet(agent);
      feed.add(1 + i, "agent.running", "a-" + agent);
      if (ThreadLocalRandom.current().nextInt(20) == 0) {
        Thread.yield();
      }
    }
  }

  private Void readUntilLast(int agent) throws InterruptedException {
    long known = 0;
    while (known < CHANGES) {
      Optional<Waiter> registered = watch.register("a-" + agent, LONG);
      Waiter waiter = registered.orElseThrow();
      long version = versions.get(agent);
      if (version == known) {
        CountDownLatch resumed = new CountDownLatch(1);
        AtomicInteger times = new AtomicInteger();
        waiter.begin(
            end -> {
              times.incrementAndGet();
              resumed.countDown();
            });
        resumed.await();
        assertThat(times).hasValue(1);
        wakeUps.incrementAndGet();
      }
      waiter.close();
      known = versions.get(agent);
    }
    return null;
  }
}
