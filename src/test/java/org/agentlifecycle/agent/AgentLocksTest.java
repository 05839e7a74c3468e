package org.agentlifecycle.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.agentlifecycle.agent.LifecycleException.Reason;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AgentLocksTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private final AgentLocks locks = new AgentLocks(LONG);
  private final List<Thread> threads = new ArrayList<>();
  private final List<Caller> callers = new ArrayList<>();

  @AfterEach
  void assertThatNoLockRemains() throws InterruptedException {
    callers.forEach(Caller::release);
    for (Thread thread : threads) {
      thread.join(LONG.toMillis());
      assertThat(thread.isAlive()).isFalse();
    }
    assertThat(locks.size()).isZero();
  }

  /** Caller that holds the lock until it is released. */
  private final class Caller {
    private final CountDownLatch holding = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private final Thread thread;

    Caller(String agentId, Runnable body) {
      thread =
          new Thread(
              () ->
                  locks.withLock(
                      agentId,
                      () -> {
                        body.run();
                        holding.countDown();
                        await(released);
                        return null;
                      }));
      callers.add(this);
      start(thread);
    }

    Caller(String agentId) {
      this(agentId, () -> {});
    }

    Caller awaitHolding() {
      await(holding);
      return this;
    }

    /**
     * Waits until the thread is parked with a timeout, which means that it is in the queue of the
     * lock.
     */
    Caller awaitQueued() {
      Awaitility.await()
          .pollInterval(Duration.ofMillis(1))
          .until(() -> thread.getState() == Thread.State.TIMED_WAITING && holding.getCount() == 1);
      return this;
    }

    void release() {
      released.countDown();
    }
  }

  private void start(Thread thread) {
    threads.add(thread);
    thread.setDaemon(true);
    thread.start();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void resultOfTheActionIsReturned() {
    assertThat(locks.<String>withLock("a", () -> "done")).isEqualTo("done");
  }

  @Test
  void failingActionReleasesTheLock() {
    assertThatThrownBy(
            () ->
                locks.withLock(
                    "a",
                    () -> {
                      throw new IllegalStateException("no");
                    }))
        .isInstanceOf(IllegalStateException.class);
    assertThat(locks.size()).isZero();
    assertThat(locks.<Boolean>withLock("a", () -> true)).isTrue();
  }

  @Test
  void locksOfDifferentAgentsAreHeldAtTheSameTime() {
    Caller first = new Caller("a").awaitHolding();
    Caller second = new Caller("b").awaitHolding();
    assertThat(locks.size()).isEqualTo(2);
    first.release();
    second.release();
  }

  @Test
  void callersOfOneAgentGetTheLockInOrderOfArrival() {
    List<Integer> order = new CopyOnWriteArrayList<>();
    List<Caller> queue = new ArrayList<>();
    Caller holder = new Caller("a").awaitHolding();
    for (int i = 0; i < 8; i++) {
      int number = i;
      queue.add(new Caller("a", () -> order.add(number)).awaitQueued());
    }
    assertThat(order).isEmpty();
    holder.release();
    for (Caller caller : queue) {
      caller.awaitHolding().release();
    }
    assertThat(order).isEqualTo(IntStream.range(0, 8).boxed().toList());
  }

  @RepeatedTest(20)
  void waitingCallerPrecedesNewCaller() {
    List<String> order = new CopyOnWriteArrayList<>();
    CountDownLatch go = new CountDownLatch(1);
    CountDownLatch holding = new CountDownLatch(1);
    Thread repeating =
        new Thread(
            () -> {
              locks.withLock(
                  "a",
                  () -> {
                    holding.countDown();
                    await(go);
                    return null;
                  });
              locks.withLock("a", () -> order.add("new caller"));
            });
    start(repeating);
    await(holding);
    Caller waiting = new Caller("a", () -> order.add("waiting caller")).awaitQueued();
    waiting.release();
    go.countDown();
    Awaitility.await().pollInterval(Duration.ofMillis(1)).until(() -> order.size() == 2);
    assertThat(order).containsExactly("waiting caller", "new caller");
  }

  @Test
  void lockWithWaitingCallerIsNotReplaced() {
    Caller first = new Caller("a").awaitHolding();
    Caller second = new Caller("a").awaitQueued();
    first.release();
    second.awaitHolding();
    Caller third = new Caller("a").awaitQueued();
    assertThat(locks.size()).isEqualTo(1);
    second.release();
    third.awaitHolding().release();
  }

  @Test
  void lockTimeoutRejectsCallerAsBusy() {
    AgentLocks shortTimeout = new AgentLocks(Duration.ofMillis(20));
    AtomicBoolean ran = new AtomicBoolean();
    LifecycleException busy =
        shortTimeout.withLock(
            "a",
            () ->
                fromAnotherThread(
                    () ->
                        catchThrowableOfType(
                            LifecycleException.class,
                            () -> shortTimeout.withLock("a", () -> ran.getAndSet(true)))));
    assertThat(busy.reason()).isEqualTo(Reason.BUSY);
    assertThat(busy).hasMessageContaining("agent a ").hasMessageContaining("nothing was changed");
    assertThat(busy.retryAfter()).isPositive();
    assertThat(ran).isFalse();
    assertThat(shortTimeout.size()).isZero();
  }

  @Test
  void zeroTimeoutRejectsCallerIfLockIsHeld() {
    AgentLocks zeroTimeout = new AgentLocks(Duration.ZERO);
    Reason rejected =
        zeroTimeout.withLock(
            "a",
            () ->
                fromAnotherThread(
                    () ->
                        catchThrowableOfType(
                                LifecycleException.class,
                                () -> zeroTimeout.withLock("a", () -> true))
                            .reason()));
    assertThat(rejected).isEqualTo(Reason.BUSY);
    assertThat(zeroTimeout.size()).isZero();
  }

  @Test
  void interruptedCallerIsRejectedAndStaysInterrupted() {
    Caller holder = new Caller("a").awaitHolding();
    AtomicBoolean stillInterrupted = new AtomicBoolean();
    List<LifecycleException> rejections = new CopyOnWriteArrayList<>();
    Thread waiting =
        new Thread(
            () -> {
              rejections.add(
                  catchThrowableOfType(
                      LifecycleException.class, () -> locks.withLock("a", () -> true)));
              stillInterrupted.set(Thread.currentThread().isInterrupted());
            });
    start(waiting);
    Awaitility.await().until(() -> waiting.getState() == Thread.State.TIMED_WAITING);
    waiting.interrupt();
    Awaitility.await().until(() -> !waiting.isAlive());
    assertThat(rejections)
        .singleElement()
        .extracting(LifecycleException::reason)
        .isEqualTo(Reason.BUSY);
    assertThat(stillInterrupted).isTrue();
    holder.release();
  }

  /**
   * The counters are not atomic, so that an increment is lost if two callers hold the same lock.
   */
  @Test
  void lockIsHeldByOneCallerAtATime() throws Exception {
    int many = 16;
    int rounds = 2_000;
    int[] counts = new int[3];
    AtomicInteger expected = new AtomicInteger();
    CyclicBarrier together = new CyclicBarrier(many);
    Callable<Void> caller =
        () -> {
          passBarrier(together);
          for (int i = 0; i < rounds; i++) {
            int agent = ThreadLocalRandom.current().nextInt(counts.length);
            locks.withLock("agent-" + agent, () -> counts[agent]++);
            expected.incrementAndGet();
          }
          return null;
        };
    ExecutorService pool = Executors.newFixedThreadPool(many);
    try {
      for (Future<Void> done :
          pool.invokeAll(IntStream.range(0, many).mapToObj(i -> caller).toList())) {
        done.get();
      }
    } finally {
      pool.shutdown();
    }
    assertThat(IntStream.of(counts).sum()).isEqualTo(expected.get()).isEqualTo(many * rounds);
    assertThat(locks.size()).isZero();
  }

  private static void passBarrier(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (InterruptedException | BrokenBarrierException e) {
      throw new AssertionError(e);
    }
  }

  private static <T> T fromAnotherThread(Callable<T> call) {
    ExecutorService other = Executors.newSingleThreadExecutor();
    try {
      return other.submit(call).get(30, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    } finally {
      other.shutdown();
    }
  }
}
