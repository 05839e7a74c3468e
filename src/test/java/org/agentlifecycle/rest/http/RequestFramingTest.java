package org.agentlifecycle.rest.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.agentlifecycle.rest.problem.ProblemAssertions;
import org.agentlifecycle.rest.problem.ProblemException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestFramingTest {
  private static final List<String> NONE = List.of();

  @ParameterizedTest
  @ValueSource(strings = {"0", "14", "2147483647"})
  void lengthBelowTheLimitIsAccepted(String length) {
    assertThatCode(() -> RequestFraming.checkLength(List.of(length), NONE))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-1",
        "+14",
        "14, 14",
        "1e1",
        "0x0e",
        "2147483648",
        "18446744073709551630",
        "١"
      })
  void invalidLengthIsRejected(String length) {
    assertRejected(List.of(length), NONE, "Content-Length");
  }

  @Test
  void repeatedLengthIsRejected() {
    assertRejected(List.of("14", "14"), NONE, "Content-Length");
  }

  @Test
  void lengthWithTransferEncodingIsRejected() {
    assertRejected(List.of("14"), List.of("chunked"), "Content-Length");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "identity", "gzip, chunked", "xchunked", "chunked, chunked"})
  void transferEncodingOtherThanChunkedIsRejected(String encoding) {
    assertRejected(NONE, List.of(encoding), "Transfer-Encoding");
  }

  @Test
  void chunkedIsAcceptedInAnyCase() {
    assertThatCode(() -> RequestFraming.checkLength(NONE, List.of("Chunked")))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "localhost:9080", "127.0.0.1:80", "[::1]:80"})
  void validHostIsAccepted(String host) {
    assertThatCode(() -> RequestFraming.checkHost(List.of(host), "localhost", "HTTP/1.1"))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{x}|y", "a b", "a/b", "a,b", "a@b"})
  void invalidHostIsRejected(String host) {
    assertThat(rejection(List.of(host), "localhost", "HTTP/1.1")).containsExactly("Host");
  }

  @Test
  void missingOrRepeatedHostIsRejected() {
    assertThat(rejection(NONE, "localhost", "HTTP/1.1")).containsExactly("Host");
    assertThat(rejection(List.of("a", "a"), "a", "HTTP/1.1")).containsExactly("Host");
    assertThat(rejection(List.of("a"), "%zz", "HTTP/1.1")).containsExactly("Host");
  }

  @Test
  void hostIsOptionalInHttp10() {
    assertThatCode(() -> RequestFraming.checkHost(NONE, "localhost", "HTTP/1.0"))
        .doesNotThrowAnyException();
  }

  private static List<String> rejection(List<String> hosts, String name, String protocol) {
    return ProblemAssertions.fields(
        catchThrowableOfType(
            ProblemException.class, () -> RequestFraming.checkHost(hosts, name, protocol)));
  }

  private static void assertRejected(List<String> lengths, List<String> encodings, String field) {
    ProblemException rejection =
        catchThrowableOfType(
            ProblemException.class, () -> RequestFraming.checkLength(lengths, encodings));
    assertThat(ProblemAssertions.fields(rejection)).containsExactly(field);
  }
}
