package org.agentlifecycle.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IsoDurationTest {

  @ParameterizedTest
  @CsvSource({
    "PT30S, PT30S",
    "PT1.5S, PT1.5S",
    "PT0.000000001S, PT0.000000001S",
    "PT90M, PT1H30M",
    "P1DT2H3M4.5S, PT26H3M4.5S",
    "P365D, PT8760H",
    "PT0S, PT0S"
  })
  void isoDurationIsAccepted(String text, Duration expected) {
    assertThat(IsoDuration.parse(text)).contains(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "P",
        "PT",
        "P1DT",
        "30S",
        "PT30",
        "T30S",
        "1 second",
        "PT30S ",
        " PT30S",
        "PT30S\n",
        "-PT30S",
        "PT-30S",
        "-PT-30S",
        "+PT30S",
        "PT+30S",
        "pt30s",
        "PT30s",
        "PT1,5S",
        "PT.5S",
        "PT1.S",
        "PT1.5H",
        "PT0.0000000001S",
        "P1Y",
        "P1M",
        "PT1S1M",
        "PT\u0663S",
        "PT9223372036854775808S",
        "P999999999999999999D"
      })
  void anythingElseIsRejected(String text) {
    assertThat(IsoDuration.parse(text)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "PT8760H, P365D",
    "PT24H, P1D",
    "PT25H30M, P1DT1H30M",
    "PT23H, PT23H",
    "PT0.1S, PT0.1S",
    "PT0S, PT0S"
  })
  void wholeDaysAreWrittenAsDays(Duration duration, String expected) {
    assertThat(IsoDuration.format(duration)).isEqualTo(expected);
    assertThat(IsoDuration.parse(expected)).contains(duration);
  }
}
