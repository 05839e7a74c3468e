package org.agentlifecycle.valkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StallTest {
  private static final Duration LONG = Duration.ofHours(1);

  private final Stall stall = new Stall(LONG);

  @Test
  void aStoreThatAnswersAdmitsEveryone() {
    stall.over();
    assertThat(stall.lasts()).isFalse();
    assertThat(IntStream.range(0, 100)).allMatch(call -> stall.admits());
  }

  @Test
  void afterATimeoutOneAtATimeTries() {
    stall.timedOut();
    assertThat(admittedOf(1000)).isOne();
    stall.timedOut();
    assertThat(admittedOf(1000)).isOne();
  }

  /** Waits until one may try, which a thousand do at once. */
  private long admittedOf(int callers) {
    await().until(stall::admits);
    return 1 + IntStream.range(0, callers).parallel().filter(caller -> stall.admits()).count();
  }

  @Test
  void whoeverTriesAndIsAnsweredAdmitsEveryoneAgain() {
    stall.timedOut();
    assertThat(admittedOf(10)).isOne();
    stall.over();
    assertThat(IntStream.range(0, 100)).allMatch(call -> stall.admits());
  }

  @Test
  void oneWhoTriesAndIsNeverHeardOfAgainGivesWayToTheNext() {
    Stall impatient = new Stall(Duration.ofMillis(1));
    impatient.timedOut();
    for (int i = 0; i < 3; i++) {
      await().until(impatient::admits);
    }
    assertThat(impatient.lasts()).isTrue();
  }
}
