package org.agentlifecycle.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.enterprise.event.Startup;
import jakarta.enterprise.inject.Instance;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.stream.Stream;
import org.agentlifecycle.memory.LogCapture;
import org.agentlifecycle.memory.ManualScheduler;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SweeperTest {
  private final LogCapture log = new LogCapture(Sweeper.class);
  private boolean failing;
  private int swept;
  private int backlog;

  private final ManualScheduler scheduler = new ManualScheduler();
  private final Sweeper sweeper =
      sweeper(sweep("the first work", this::mayFail), sweep("the second", () -> swept++));

  @AfterEach
  void close() {
    log.close();
  }

  private void mayFail() {
    if (failing) {
      throw new IllegalStateException("the store is away");
    }
  }

  private Sweep sweep(String name, Runnable work) {
    return new Sweep() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public boolean sweep() {
        work.run();
        return backlog-- > 0;
      }
    };
  }

  @SuppressWarnings("unchecked") // all that the sweeper asks of it is to be iterated
  private static Sweeper sweeper(Sweep... sweeps) {
    Instance<Sweep> all =
        (Instance<Sweep>)
            Proxy.newProxyInstance(
                SweeperTest.class.getClassLoader(),
                new Class<?>[] {Instance.class},
                (self, method, arguments) -> List.of(sweeps).iterator());
    return new Sweeper(all, new SweepSettings(Duration.ofSeconds(1)));
  }

  private void start() {
    scheduler.injectInto(sweeper);
    sweeper.start(new Startup());
  }

  /** As often as the schedule would call it. */
  private void pass() {
    scheduler.runPeriodic();
  }

  @Test
  void aPassThatFailsNeitherEndsTheScheduleNorKeepsOthersFromTheirWork() {
    failing = true;
    start();
    assertThatCode(this::pass).doesNotThrowAnyException();
    assertThat(swept).isEqualTo(1);
  }

  @Test
  void anOutageIsSaidOnceAndItsEndToo() {
    start();
    pass();
    failing = true;
    pass();
    pass();
    pass();
    failing = false;
    pass();
    pass();
    assertThat(log.lines())
        .containsExactly(
            "the first work failed",
            "the first work failed",
            "the first work failed",
            "the first work succeeds again");
    assertThat(log.records())
        .filteredOn(line -> line.getLevel().intValue() >= Level.INFO.intValue())
        .extracting(LogRecord::getLevel)
        .containsExactly(Level.WARNING, Level.INFO);
  }

  @Test
  void aPassCountsForLivenessWhetherItSucceedsOrNot() {
    start();
    failing = true;
    long start = System.nanoTime();
    pass();
    Duration since = sweeper.sinceLastPass();
    assertThat(since).isLessThanOrEqualTo(Duration.ofNanos(System.nanoTime() - start));
    Awaitility.await().until(() -> sweeper.sinceLastPass().compareTo(since.plusMillis(10)) > 0);
  }

  /** Each sweep has a schedule of its own, so that a long one keeps no other waiting. */
  @Test
  void theOneThatIsLongestBehindCountsForLiveness() {
    start();
    Awaitility.await().until(() -> sweeper.sinceLastPass().toMillis() > 20);
    scheduler.runPeriodic(1);
    assertThat(swept).isEqualTo(1);
    assertThat(sweeper.sinceLastPass()).isGreaterThan(Duration.ofMillis(20));
    scheduler.runPeriodic(0);
    assertThat(sweeper.isScheduled()).isTrue();
  }

  @Test
  void runRepeatsStepsUntilNothingIsDue() {
    start();
    backlog = 5_000;
    scheduler.runPeriodic(1);
    assertThat(swept).isEqualTo(5_001);
  }

  @Test
  void runEndsAfterItsTimeBudgetWhateverIsDue() {
    start();
    backlog = Integer.MAX_VALUE;
    scheduler.runPeriodic(1);
    assertThat(backlog).isPositive();
    int afterFirstRun = swept;
    scheduler.runPeriodic(1);
    assertThat(swept).isGreaterThan(afterFirstRun);
  }

  /** A platform must not restart a server because its backlog is large. */
  @Test
  void eachStepCountsAsLife() {
    List<Duration> surplus = new ArrayList<>();
    Sweeper[] self = new Sweeper[1];
    long[] endOfStep = {System.nanoTime()};
    self[0] =
        sweeper(
            sweep(
                "work",
                () -> {
                  long sinceStep = System.nanoTime() - endOfStep[0];
                  surplus.add(self[0].sinceLastPass().minusNanos(sinceStep));
                  LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
                  endOfStep[0] = System.nanoTime();
                }));
    scheduler.injectInto(self[0]);
    self[0].start(new Startup());
    backlog = 5;
    scheduler.runPeriodic();
    assertThat(surplus).hasSize(6);
    assertThat(surplus.subList(1, 6))
        .allSatisfy(age -> assertThat(age).isLessThan(Duration.ofMillis(20)));
  }

  @Test
  void stoppedSweeperEndsTheRun() {
    Sweeper[] self = new Sweeper[1];
    self[0] =
        sweeper(
            sweep(
                "work",
                () -> {
                  swept++;
                  self[0].stop();
                }));
    scheduler.injectInto(self[0]);
    self[0].start(new Startup());
    backlog = 20;
    scheduler.runPeriodic();
    assertThat(swept).isEqualTo(1);
  }

  @Test
  void errorOfOneRunDoesNotEndTheSchedule() {
    Sweeper other =
        sweeper(
            sweep(
                "work",
                () -> {
                  throw new OutOfMemoryError("planted");
                }));
    scheduler.injectInto(other);
    other.start(new Startup());
    assertThatCode(scheduler::runPeriodic).doesNotThrowAnyException();
  }

  @Test
  void theScheduleBeginsWithTheApplicationAndEndsWithIt() {
    assertThat(scheduler.waiting()).isZero();
    assertThat(sweeper.isScheduled()).isFalse();
    start();
    assertThat(scheduler.waiting()).isEqualTo(2);
    assertThat(sweeper.isScheduled()).isTrue();
    sweeper.stop();
    assertThat(scheduler.waiting()).isZero();
  }

  @Test
  void anIntervalThatCannotBeStopsTheStartAndNamesItsKey() {
    assertThat(Stream.of(Duration.ZERO, Duration.ofMillis(9), Duration.ofSeconds(-1)))
        .allSatisfy(
            every ->
                assertThatThrownBy(() -> new SweepSettings(every))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("lifecycle.lease.sweep-every "));
  }
}
