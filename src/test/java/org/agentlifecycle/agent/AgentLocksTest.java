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
  void nothingIsHeldOrAwaitedAtTheEnd() throws InterruptedException {
    callers.forEach(Caller::leaves);
    for (Thread thread : threads) {
      thread.join(LONG.toMillis());
      assertThat(thread.isAlive()).isFalse();
    }
    assertThat(locks.size()).isZero();
  }

  /** A caller who stays inside until told to leave. */
  private final class Caller {
    private final CountDownLatch inside = new CountDownLatch(1);
    private final CountDownLatch leave = new CountDownLatch(1);
    private final Thread thread;

    Caller(String agentId, Runnable body) {
      thread =
          new Thread(
              () ->
                  locks.withLock(
                      agentId,
                      () -> {
                        body.run();
                        inside.countDown();
                        await(leave);
                        return null;
                      }));
      callers.add(this);
      start(thread);
    }

    Caller(String agentId) {
      this(agentId, () -> {});
    }

    Caller isInside() {
      await(inside);
      return this;
    }

    /** Parked with a timeout: it has its place in the queue. */
    Caller waits() {
      Awaitility.await()
          .pollInterval(Duration.ofMillis(1))
          .until(() -> thread.getState() == Thread.State.TIMED_WAITING && inside.getCount() == 1);
      return this;
    }

    void leaves() {
      leave.countDown();
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
  void theBodysAnswerIsTheCallersAnswer() {
    assertThat(locks.<String>withLock("a", () -> "done")).isEqualTo("done");
  }

  @Test
  void aBodyThatThrowsLeavesTheLockFree() {
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
  void callersOfDifferentAgentsAreInsideAtOnce() {
    Caller first = new Caller("a").isInside();
    Caller second = new Caller("b").isInside();
    assertThat(locks.size()).isEqualTo(2);
    first.leaves();
    second.leaves();
  }

  @Test
  void callersOfOneAgentComeInOneAfterAnotherAsTheyCame() {
    List<Integer> order = new CopyOnWriteArrayList<>();
    List<Caller> queue = new ArrayList<>();
    Caller holder = new Caller("a").isInside();
    for (int i = 0; i < 8; i++) {
      int number = i;
      queue.add(new Caller("a", () -> order.add(number)).waits());
    }
    assertThat(order).isEmpty();
    holder.leaves();
    for (Caller caller : queue) {
      caller.isInside().leaves();
    }
    assertThat(order).isEqualTo(IntStream.range(0, 8).boxed().toList());
  }

  @RepeatedTest(20)
  void nobodyOvertakesOneWhoWaits() {
    List<String> order = new CopyOnWriteArrayList<>();
    CountDownLatch go = new CountDownLatch(1);
    CountDownLatch inside = new CountDownLatch(1);
    Thread greedy =
        new Thread(
            () -> {
              locks.withLock(
                  "a",
                  () -> {
                    inside.countDown();
                    await(go);
                    return null;
                  });
              locks.withLock("a", () -> order.add("who was in already"));
            });
    start(greedy);
    await(inside);
    Caller waiting = new Caller("a", () -> order.add("who waited")).waits();
    waiting.leaves();
    go.countDown();
    Awaitility.await().pollInterval(Duration.ofMillis(1)).until(() -> order.size() == 2);
    assertThat(order).containsExactly("who waited", "who was in already");
  }

  @Test
  void aLockThatSomeoneAwaitsIsNotReplaced() {
    Caller first = new Caller("a").isInside();
    Caller second = new Caller("a").waits();
    first.leaves();
    second.isInside();
    Caller third = new Caller("a").waits();
    assertThat(locks.size()).isEqualTo(1);
    second.leaves();
    third.isInside().leaves();
  }

  @Test
  void whoWaitsLongerThanThePatienceHearsBusyAndDidNothing() {
    AgentLocks impatient = new AgentLocks(Duration.ofMillis(20));
    AtomicBoolean ran = new AtomicBoolean();
    LifecycleException busy =
        impatient.withLock(
            "a",
            () ->
                fromAnotherThread(
                    () ->
                        catchThrowableOfType(
                            LifecycleException.class,
                            () -> impatient.withLock("a", () -> ran.getAndSet(true)))));
    assertThat(busy.reason()).isEqualTo(Reason.BUSY);
    assertThat(busy).hasMessageContaining("agent a ").hasMessageContaining("nothing was changed");
    assertThat(busy.retryAfter()).isPositive();
    assertThat(ran).isFalse();
    assertThat(impatient.size()).isZero();
  }

  @Test
  void withoutPatienceAFreeLockIsTakenAndAHeldOneRefused() {
    AgentLocks none = new AgentLocks(Duration.ZERO);
    Reason refused =
        none.withLock(
            "a",
            () ->
                fromAnotherThread(
                    () ->
                        catchThrowableOfType(
                                LifecycleException.class, () -> none.withLock("a", () -> true))
                            .reason()));
    assertThat(refused).isEqualTo(Reason.BUSY);
    assertThat(none.size()).isZero();
  }

  @Test
  void whoIsInterruptedWhileWaitingHearsBusyAndStaysInterrupted() {
    Caller holder = new Caller("a").isInside();
    AtomicBoolean stillInterrupted = new AtomicBoolean();
    List<LifecycleException> heard = new CopyOnWriteArrayList<>();
    Thread waiting =
        new Thread(
            () -> {
              heard.add(
                  catchThrowableOfType(
                      LifecycleException.class, () -> locks.withLock("a", () -> true)));
              stillInterrupted.set(Thread.currentThread().isInterrupted());
            });
    start(waiting);
    Awaitility.await().until(() -> waiting.getState() == Thread.State.TIMED_WAITING);
    waiting.interrupt();
    Awaitility.await().until(() -> !waiting.isAlive());
    assertThat(heard).singleElement().extracting(LifecycleException::reason).isEqualTo(Reason.BUSY);
    assertThat(stillInterrupted).isTrue();
    holder.leaves();
  }

  /**
   * Two in one agent at once would show as a lost count: the counters are plain, only the locks
   * guard them.
   */
  @Test
  void manyCallersOfFewAgentsNeverMeet() throws Exception {
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
