package org.agentlifecycle.rest.wait;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules of RFC 7240 for the preference {@code wait}. */
class PreferHeaderTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "wait=10 | 10",
        "WAIT=10 | 10",
        "wait = 10 | 10",
        "wait=\"10\" | 10",
        "respond-async, wait=10 | 10",
        "respond-async,wait=10;x=y | 10",
        "return=minimal; a=\"b, wait=3\", wait=10 | 10",
        ",, wait=10 | 10",
        "wait=010 | 10",
        "wait=60 | 60",
        "wait=61 | 60",
        "wait=99999999999999999999999 | 60",
        "wait=10, wait=20 | 10",
        "wait=x, wait=20 | 20",
        "=, (, wait=20 | 20",
        "foo=\"open, wait=20 | 20",
        "wait=0 | 0"
      })
  void firstValidWaitIsApplied(String header, int seconds) {
    assertThat(PreferHeader.waitSeconds(List.of(header))).isEqualTo(seconds);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "wait",
        "wait=",
        "wait=\"\"",
        "wait=-1",
        "wait=1.5",
        "wait=PT10S",
        "wait=\u0661",
        "waiting=10",
        "wait=1 0",
        "respond-async",
        "x; wait=10",
        "x=\"wait=10\"",
        "\"wait\"=10"
      })
  void malformedOrUnknownPreferenceIsIgnored(String header) {
    assertThat(PreferHeader.waitSeconds(List.of(header))).isZero();
  }

  @Test
  void severalHeaderLinesAreOneList() {
    assertThat(PreferHeader.waitSeconds(List.of("respond-async", "wait=7"))).isEqualTo(7);
  }

  @Test
  void longMalformedHeaderIsReadInLinearTime() {
    assertThat(PreferHeader.waitSeconds(List.of("a=\"\\".repeat(5000) + ",wait=3"))).isEqualTo(3);
    assertThat(PreferHeader.waitSeconds(List.of(";a=".repeat(2000) + ",wait=3"))).isEqualTo(3);
  }
}
