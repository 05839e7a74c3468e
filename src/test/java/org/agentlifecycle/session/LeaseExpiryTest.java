package org.agentlifecycle.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.agentlifecycle.agent.CommittedTransition;
import org.agentlifecycle.sweep.SweepSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Lease expiry: a full step is repeated, and the outage threshold has a minimum. */
class LeaseExpiryTest {
  private static final int BATCH_SIZE = 100;

  private final List<Duration> thresholds = new ArrayList<>();
  private int scanned;

  private LeaseExpiry expiry(Duration interval) {
    SessionStore store =
        (SessionStore)
            Proxy.newProxyInstance(
                SessionStore.class.getClassLoader(),
                new Class<?>[] {SessionStore.class},
                (proxy, method, arguments) -> {
                  assertThat(method.getName()).isEqualTo("expireLeases");
                  assertThat(arguments[0]).isEqualTo(BATCH_SIZE);
                  thresholds.add((Duration) arguments[1]);
                  return new SweepResult<CommittedTransition>(scanned, List.of());
                });
    return new LeaseExpiry(store, null, new SweepSettings(interval));
  }

  @ParameterizedTest
  @CsvSource({"100, true", "99, false", "0, false"})
  void fullStepIsFollowedByAnotherOne(int entries, boolean more) {
    scanned = entries;
    assertThat(expiry(Duration.ofSeconds(1)).sweep()).isEqualTo(more);
  }

  @ParameterizedTest
  @CsvSource({"PT0.01S, PT5S", "PT1S, PT5S", "PT2S, PT6S", "PT1M, PT3M"})
  void thresholdOfAnOutageHasAFloor(Duration interval, Duration threshold) {
    expiry(interval).sweep();
    assertThat(thresholds).containsExactly(threshold);
  }

  @Test
  void everyStepUsesTheSameThreshold() {
    LeaseExpiry expiry = expiry(Duration.ofSeconds(3));
    expiry.sweep();
    expiry.sweep();
    assertThat(thresholds).containsExactly(Duration.ofSeconds(9), Duration.ofSeconds(9));
  }
}
