package org.agentlifecycle.valkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CircuitBreakerTest {
  private static final Duration LONG = Duration.ofHours(1);

  private final CircuitBreaker breaker = new CircuitBreaker(LONG);

  private void open() {
    breaker.recordTimeout();
    breaker.recordTimeout();
  }

  private boolean allowsAll() {
    return IntStream.range(0, 100).allMatch(call -> breaker.allowsCall());
  }

  @Test
  void closedCircuitAllowsEveryCall() {
    breaker.recordReply();
    assertThat(breaker.isOpen()).isFalse();
    assertThat(allowsAll()).isTrue();
  }

  @Test
  void singleTimeoutDoesNotOpenTheCircuit() {
    breaker.recordTimeout();
    assertThat(breaker.isOpen()).isFalse();
    assertThat(breaker.isSuspicious()).isTrue();
    assertThat(allowsAll()).isTrue();
  }

  @Test
  void replyBetweenTwoTimeoutsKeepsTheCircuitClosed() {
    for (int i = 0; i < 10; i++) {
      breaker.recordTimeout();
      breaker.recordReply();
    }
    assertThat(breaker.isSuspicious()).isFalse();
    assertThat(allowsAll()).isTrue();
  }

  @Test
  void openCircuitRejectsCallsImmediately() {
    open();
    assertThat(breaker.isOpen()).isTrue();
    assertThat(breaker.allowsCall()).isFalse();
  }

  @Test
  void openCircuitAllowsOneProbeAtATime() {
    open();
    assertThat(allowedOf(1000)).isOne();
    breaker.recordTimeout();
    assertThat(allowedOf(1000)).isOne();
  }

  /** Waits for the first probe, then makes many calls at the same time. */
  private long allowedOf(int callers) {
    await().until(breaker::allowsCall);
    return 1 + IntStream.range(0, callers).parallel().filter(call -> breaker.allowsCall()).count();
  }

  @Test
  void replyOfTheProbeClosesTheCircuit() {
    open();
    assertThat(allowedOf(10)).isOne();
    breaker.recordReply();
    assertThat(allowsAll()).isTrue();
    breaker.recordTimeout();
    assertThat(breaker.isOpen()).isFalse();
  }

  @Test
  void lostProbeIsReplacedByNextProbe() {
    CircuitBreaker shortProbes = new CircuitBreaker(Duration.ofMillis(1));
    shortProbes.recordTimeout();
    shortProbes.recordTimeout();
    for (int i = 0; i < 3; i++) {
      await().until(shortProbes::allowsCall);
    }
    assertThat(shortProbes.isOpen()).isTrue();
  }
}
