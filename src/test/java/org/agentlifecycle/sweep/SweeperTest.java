package org.agentlifecycle.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.entry;

import jakarta.enterprise.event.Startup;
import jakarta.enterprise.inject.Instance;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.health.ApplicationState;
import org.agentlifecycle.health.HealthReport;
import org.agentlifecycle.health.StartedApplication;
import org.agentlifecycle.memory.LogCapture;
import org.agentlifecycle.memory.ManualScheduler;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SweeperTest {
  private final LogCapture log = new LogCapture(ScheduledSweep.class);
  private Throwable failure;
  private int swept;
  private int backlog;

  private final ManualScheduler scheduler = new ManualScheduler();
  private final Sweeper sweeper =
      sweeper(sweep("first", this::mayFail), sweep("second", () -> swept++));

  @AfterEach
  void close() {
    log.close();
  }

  private void mayFail() {
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure instanceof RuntimeException exception) {
      throw exception;
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

  @SuppressWarnings("unchecked") // the sweeper only iterates over it
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
    sweeper.onStartup(new Startup());
  }

  /** Runs each scheduled sweep once. */
  private void runSweeps() {
    scheduler.runPeriodic();
  }

  private void fail() {
    failure = new IllegalStateException("internal failure");
  }

  @Test
  void failureEndsNeitherTheScheduleNorOtherSweeps() {
    fail();
    start();
    assertThatCode(this::runSweeps).doesNotThrowAnyException();
    failure = new OutOfMemoryError("a test");
    assertThatCode(this::runSweeps).doesNotThrowAnyException();
    assertThat(swept).isEqualTo(2);
  }

  @Test
  void unexpectedFailureAndItsEndAreLoggedOnce() {
    start();
    runSweeps();
    fail();
    runSweeps();
    runSweeps();
    runSweeps();
    failure = null;
    runSweeps();
    runSweeps();
    assertThat(log.records())
        .filteredOn(line -> line.getLevel().intValue() >= Level.INFO.intValue())
        .extracting(LogRecord::getLevel)
        .containsExactly(Level.WARNING, Level.INFO);
    assertThat(log.lines())
        .startsWith("sweep failed, the next run tries again: first")
        .endsWith("sweep succeeds again: first");
    assertThat(log.records().get(0).getThrown()).hasMessage("internal failure");
  }

  @Test
  void outageOfTheStoreIsNotLogged() {
    start();
    failure = LifecycleException.storeUnavailable(Duration.ofSeconds(1), null);
    runSweeps();
    runSweeps();
    assertThat(log.records())
        .hasSize(2)
        .allSatisfy(line -> assertThat(line.getLevel()).isEqualTo(Level.FINE));
  }

  @Test
  void repeatedFailureIsReportedForEveryCause() {
    start();
    failure = LifecycleException.storeFault("a damaged record", null);
    runSweeps();
    runSweeps();
    assertThat(sweeper.failing()).isEmpty();
    runSweeps();
    assertThat(sweeper.failing()).containsOnly(entry("first", "STORE_FAULT, 3 times in a row"));
    failure = new OutOfMemoryError("a test");
    runSweeps();
    assertThat(sweeper.failing())
        .containsOnly(entry("first", "OutOfMemoryError, 4 times in a row"));
    assertThat(sweeper.allFail()).isFalse();
    failure = null;
    runSweeps();
    assertThat(sweeper.failing()).isEmpty();
  }

  @Test
  void readinessIsDownWhenEverySweepFails() {
    Sweeper only = sweeper(sweep("only", this::mayFail));
    scheduler.injectInto(only);
    only.onStartup(new Startup());
    ApplicationState started = StartedApplication.state();
    SweeperReadinessCheck check = new SweeperReadinessCheck(started, only);
    fail();
    runSweeps();
    runSweeps();
    assertThat(check.check().up()).isTrue();
    runSweeps();
    assertThat(check.check())
        .isEqualTo(
            HealthReport.down("ALL_SWEEPS_FAIL")
                .with("only", "IllegalStateException, 3 times in a row"));
    failure = null;
    runSweeps();
    assertThat(check.check()).isEqualTo(HealthReport.up(Map.of()));
  }

  @Test
  void runCountsForLivenessWhetherItSucceedsOrFails() {
    start();
    fail();
    long start = System.nanoTime();
    runSweeps();
    Duration since = sweeper.timeSinceLastStep();
    assertThat(since).isLessThanOrEqualTo(Duration.ofNanos(System.nanoTime() - start));
    Awaitility.await().until(() -> sweeper.timeSinceLastStep().compareTo(since.plusMillis(10)) > 0);
  }

  /** Each sweep has a separate schedule, so that a long sweep does not delay the others. */
  @Test
  void sweepWithOldestStepCountsForLiveness() {
    start();
    Awaitility.await().until(() -> sweeper.timeSinceLastStep().toMillis() > 20);
    scheduler.runPeriodic(1);
    assertThat(swept).isEqualTo(1);
    assertThat(sweeper.timeSinceLastStep()).isGreaterThan(Duration.ofMillis(20));
    scheduler.runPeriodic(0);
    assertThat(sweeper.isScheduled()).isTrue();
  }

  @Test
  void runRepeatsStepsUntilNothingIsDue() {
    start();
    backlog = 50;
    scheduler.runPeriodic(1);
    assertThat(swept).isEqualTo(51);
  }

  @Test
  void runEndsAfterItsTimeBudget() {
    start();
    backlog = Integer.MAX_VALUE;
    scheduler.runPeriodic(1);
    assertThat(backlog).isPositive();
    assertThat(scheduler.waiting()).as("two schedules and the continuation").isEqualTo(3);
    int afterFirstRun = swept;
    scheduler.runPeriodic(1);
    assertThat(scheduler.waiting()).as("one continuation is enough").isEqualTo(3);
    backlog = 10;
    scheduler.run();
    assertThat(swept).isGreaterThan(afterFirstRun);
    assertThat(backlog).isEqualTo(-1);
    assertThat(scheduler.waiting()).isEqualTo(2);
  }

  /** A platform must not restart a server because its backlog is large. */
  @Test
  void eachStepCountsForLiveness() {
    List<Duration> surplus = new ArrayList<>();
    Sweeper[] self = new Sweeper[1];
    long[] endOfStep = {System.nanoTime()};
    self[0] =
        sweeper(
            sweep(
                "work",
                () -> {
                  long sinceStep = System.nanoTime() - endOfStep[0];
                  surplus.add(self[0].timeSinceLastStep().minusNanos(sinceStep));
                  LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
                  endOfStep[0] = System.nanoTime();
                }));
    scheduler.injectInto(self[0]);
    self[0].onStartup(new Startup());
    backlog = 5;
    scheduler.runPeriodic();
    assertThat(surplus).hasSizeGreaterThan(1);
    assertThat(surplus.subList(1, surplus.size()))
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
    self[0].onStartup(new Startup());
    backlog = 20;
    scheduler.runPeriodic();
    assertThat(swept).isEqualTo(1);
  }

  @Test
  void scheduleStartsAndEndsWithTheApplication() {
    assertThat(scheduler.waiting()).isZero();
    assertThat(sweeper.isScheduled()).isFalse();
    start();
    assertThat(scheduler.waiting()).isEqualTo(2);
    assertThat(sweeper.isScheduled()).isTrue();
    sweeper.stop();
    assertThat(scheduler.waiting()).isZero();
  }
}
