package org.agentlifecycle.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.enterprise.concurrent.ManagedThreadFactory;
import java.lang.reflect.Field;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.agentlifecycle.memory.ManualScheduler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Waiting requests with threads and time that the test controls. */
@Timeout(60)
class ChangeWatchTest {
  private static final int MAX_WAITING = 100;
  private static final Duration TIME = Duration.ofSeconds(30);

  private final TestFeed feed = new TestFeed();
  private final ManualScheduler scheduler = new ManualScheduler();
  private long now;

  /** No stream is allowed, because the follower of the watch is not counted. */
  private final LiveFeed live = new LiveFeed(feed, 0, () -> now);

  private final ChangeWatch watch = new ChangeWatch(live, MAX_WAITING, () -> now);
  private final Queue<Waiter.End> ends = new ConcurrentLinkedQueue<>();

  @BeforeEach
  void start() throws ReflectiveOperationException {
    scheduler.injectInto(live);
    scheduler.injectInto(watch);
    Field threads = LiveFeed.class.getDeclaredField("threads");
    threads.setAccessible(true);
    threads.set(
        live,
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {ManagedThreadFactory.class},
            (self, method, arguments) -> new Thread((Runnable) arguments[0])));
    live.start();
    feed.add(1);
  }

  @AfterEach
  void stop() {
    live.stop();
  }

  private Waiter waitFor(String agentId) {
    Waiter waiter = watch.register(agentId, TIME).orElseThrow();
    begin(waiter);
    settle();
    return waiter;
  }

  private void begin(Waiter waiter) {
    waiter.begin(
        end -> {
          ends.add(end);
          waiter.close();
        });
  }

  private void settle() {
    for (int i = 0; i < 40; i++) {
      scheduler.run();
    }
  }

  private void advance(Duration time) {
    now += time.toNanos();
    scheduler.runPeriodic();
    settle();
  }

  @Test
  void eventOfTheAgentEndsEachOfItsWaitersOnce() {
    waitFor("a");
    waitFor("a");
    Waiter other = waitFor("b");
    feed.add(2, "agent.running", "a");
    settle();
    feed.add(3, "agent.failed", "a");
    advance(TIME.minusSeconds(1));
    assertThat(ends).containsExactly(Waiter.End.CHANGED, Waiter.End.CHANGED);
    assertThat(other.end()).isNull();
    assertThat(watch.waiting()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"agent.waiting", "agent.resumed", "agent.desired"})
  void eventThatDoesNotChangeTheTagIsIgnored(String type) {
    waitFor("a");
    feed.add(2, type, "a");
    settle();
    assertThat(ends).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"agent.spawned", "agent.killed", "agent.cleanup", "agent.new-type"})
  void eventOfAnyOtherTypeEndsTheWait(String type) {
    waitFor("a");
    feed.add(2, type, "a");
    settle();
    assertThat(ends).containsExactly(Waiter.End.CHANGED);
  }

  @Test
  void eventBeforeTheActionIsSetRunsTheActionAtOnce() {
    Waiter waiter = watch.register("a", TIME).orElseThrow();
    feed.add(2, "agent.running", "a");
    settle();
    assertThat(waiter.end()).isEqualTo(Waiter.End.CHANGED);
    assertThat(ends).isEmpty();
    begin(waiter);
    assertThat(ends).containsExactly(Waiter.End.CHANGED);
  }

  @Test
  void waitEndsWhenItsTimeIsOver() {
    waitFor("a");
    advance(TIME.minusMillis(1));
    assertThat(ends).isEmpty();
    advance(Duration.ofMillis(1));
    assertThat(ends).containsExactly(Waiter.End.OVER);
    assertThat(watch.waiting()).isZero();
  }

  @Test
  void closedWaiterDoesNotRun() {
    waitFor("a").close();
    feed.add(2, "agent.running", "a");
    advance(TIME);
    assertThat(ends).isEmpty();
    assertThat(watch.waiting()).isZero();
  }

  @Test
  void waitersAreLimited() {
    List<Waiter> waiters =
        IntStream.range(0, MAX_WAITING).mapToObj(i -> waitFor("a-" + i)).toList();
    assertThat(watch.register("b", TIME)).isEmpty();
    waiters.get(0).close();
    assertThat(watch.register("b", TIME)).isPresent();
    assertThat(live.followerCount()).isZero();
  }

  @Test
  void failureOfTheReaderEndsEveryWait() {
    waitFor("a");
    feed.failure = new IllegalStateException("test");
    settle();
    assertThat(ends).containsExactly(Waiter.End.OVER);
  }

  @Test
  void deletedFeedEndsEveryWait() {
    waitFor("a");
    feed.clear();
    settle();
    assertThat(ends).containsExactly(Waiter.End.OVER);
  }

  @Test
  void failureAtTheStartOfTheFollowerIsThrownAndKeepsNoWaiter() {
    feed.failure = new IllegalStateException("test");
    assertThatThrownBy(() -> watch.register("a", TIME)).hasMessage("test");
    assertThat(watch.waiting()).isZero();
    waitFor("a");
    feed.add(2, "agent.running", "a");
    settle();
    assertThat(ends).containsExactly(Waiter.End.CHANGED);
  }

  @Test
  void stoppedServerEndsEveryWaitAndAcceptsNone() {
    waitFor("a");
    Waiter early = watch.register("b", TIME).orElseThrow();
    live.stop();
    assertThat(ends).containsExactly(Waiter.End.STOPPING);
    begin(early);
    assertThat(ends).containsExactly(Waiter.End.STOPPING, Waiter.End.STOPPING);
    assertThat(watch.register("a", TIME)).isEmpty();
  }

  @Test
  void followerEndsAfterAMinuteWithoutWaitersAndStartsAgain() {
    int idle = scheduler.waiting();
    waitFor("a").close();
    assertThat(scheduler.waiting()).isGreaterThan(idle);
    for (int i = 0; i < 62; i++) {
      advance(Duration.ofSeconds(1));
    }
    assertThat(scheduler.waiting()).isEqualTo(idle);
    waitFor("a");
    feed.add(2, "agent.running", "a");
    settle();
    assertThat(ends).containsExactly(Waiter.End.CHANGED);
  }

  @Test
  void resumedRequestsAreLimitedAndALostOneFreesItsPlace() {
    List<Waiter> running = new ArrayList<>();
    int total = 2 * ResumedWaiters.MAX_RUNNING;
    for (int i = 0; i < total; i++) {
      Waiter waiter = watch.register("a", TIME).orElseThrow();
      waiter.begin(end -> running.add(waiter));
    }
    feed.add(2, "agent.running", "a");
    settle();
    assertThat(running).hasSize(ResumedWaiters.MAX_RUNNING);
    running.get(0).close();
    assertThat(running).hasSize(ResumedWaiters.MAX_RUNNING + 1);
    advance(Duration.ofSeconds(11));
    assertThat(running).hasSize(total);
  }

  @Test
  void requestThatCannotBeResumedFreesItsPlace() {
    for (int i = 1; i < MAX_WAITING; i++) {
      watch
          .register("a", TIME)
          .orElseThrow()
          .begin(
              end -> {
                throw new IllegalStateException("disconnected");
              });
    }
    waitFor("a");
    feed.add(2, "agent.running", "a");
    settle();
    assertThat(ends).containsExactly(Waiter.End.CHANGED);
  }
}
