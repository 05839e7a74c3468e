package org.agentlifecycle.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import jakarta.enterprise.event.Startup;
import jakarta.enterprise.inject.Instance;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
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

  private final Sweeper sweeper = sweeper(this::mayFail, () -> swept++);

  @AfterEach
  void close() {
    log.close();
  }

  private void mayFail() {
    if (failing) {
      throw new IllegalStateException("the store is away");
    }
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

  @Test
  void aPassThatFailsNeitherEndsTheScheduleNorKeepsOthersFromTheirWork() {
    failing = true;
    assertThatCode(sweeper::pass).doesNotThrowAnyException();
    assertThat(swept).isEqualTo(1);
  }

  @Test
  void anOutageIsSaidOnceAndItsEndToo() {
    sweeper.pass();
    failing = true;
    sweeper.pass();
    sweeper.pass();
    sweeper.pass();
    failing = false;
    sweeper.pass();
    sweeper.pass();
    assertThat(log.records())
        .filteredOn(line -> line.getLevel().intValue() >= Level.INFO.intValue())
        .extracting(LogRecord::getLevel, LogRecord::getMessage)
        .containsExactly(
            tuple(Level.WARNING, "a sweep failed"), tuple(Level.INFO, "sweeps succeed again"));
  }

  @Test
  void aPassCountsForLivenessWhetherItSucceedsOrNot() {
    failing = true;
    long start = System.nanoTime();
    sweeper.pass();
    Duration since = sweeper.sinceLastPass();
    assertThat(since).isLessThanOrEqualTo(Duration.ofNanos(System.nanoTime() - start));
    Awaitility.await().until(() -> sweeper.sinceLastPass().compareTo(since.plusMillis(10)) > 0);
  }

  @Test
  void theScheduleBeginsWithTheApplication() {
    ManualScheduler scheduler = new ManualScheduler();
    scheduler.injectInto(sweeper);
    assertThat(scheduler.waiting()).isZero();
    sweeper.start(new Startup());
    assertThat(scheduler.waiting()).isEqualTo(1);
    scheduler.run();
    assertThat(swept).isEqualTo(1);
    assertThatCode(sweeper::stop).doesNotThrowAnyException();
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
