package org.agentlifecycle.supervision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.agentlifecycle.agent.Desired;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DesiredRequestTest {

  @Test
  void stopWithoutGracePeriodIsRejected() {
    assertThatThrownBy(() -> new DesiredRequest(Desired.Mode.STOPPED, null, "reason"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(new DesiredRequest(Desired.Mode.STOPPED, Duration.ZERO, null).grace()).isZero();
  }

  @ParameterizedTest
  @EnumSource(
      value = Desired.Mode.class,
      names = {"RUNNING", "PAUSED"})
  void gracePeriodOfAnotherModeIsRejected(Desired.Mode mode) {
    assertThatThrownBy(() -> new DesiredRequest(mode, Duration.ZERO, null))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(new DesiredRequest(mode, null, "reason").reason()).isEqualTo("reason");
  }
}
