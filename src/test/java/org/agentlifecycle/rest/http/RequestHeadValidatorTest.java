package org.agentlifecycle.rest.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.agentlifecycle.rest.problem.ProblemAssertions;
import org.agentlifecycle.rest.problem.ProblemException;
import org.agentlifecycle.rest.request.EntityTags;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestHeadValidatorTest {

  @ParameterizedTest
  @ValueSource(strings = {"/api/v1/agents", "/api/v1/agents/a-7f3:x_y.z", "/api/v1/agents/%61"})
  void plainPathIsAccepted(String path) {
    assertThatCode(() -> RequestHeadValidator.checkPath(path)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a;x=1",
        ";",
        "{a}",
        "a b",
        "a|b",
        "a\\b",
        "<a>",
        "\"",
        "^",
        "`",
        "[a]",
        "ü",
        "a\u0000",
        "a\r\nb",
        "%",
        "%z",
        "%zz",
        "%c0%af",
        "%ff",
        "%ed%a0%80",
        "a#b"
      })
  void pathWithInvalidIdIsRejected(String id) {
    ProblemException rejection =
        catchThrowableOfType(
            ProblemException.class, () -> RequestHeadValidator.checkPath("/api/v1/agents/" + id));
    assertThat(ProblemAssertions.fields(rejection)).containsExactly("agentId");
  }

  @Test
  void matrixParameterInAnotherPathIsRejected() {
    ProblemException rejection =
        catchThrowableOfType(
            ProblemException.class, () -> RequestHeadValidator.checkPath("/api/v1/agents;x=1"));
    assertThat(ProblemAssertions.fields(rejection)).containsExactly("path");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/api/v1/", "/api/v1/agents/", "/api/v1/agents//transitions"})
  void emptyPathSegmentIsNotFound(String path) {
    ProblemException rejection =
        catchThrowableOfType(ProblemException.class, () -> RequestHeadValidator.checkPath(path));
    assertThat(rejection.problem().status()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=\"UTF-8\"",
        " application/json ; charset=UTF-8 ",
        "application/json;",
        "application/json; profile=x"
      })
  void jsonMediaTypeIsRecognized(String contentType) {
    assertThat(RequestHeadValidator.isJson(contentType)).isTrue();
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "",
        ";",
        "json",
        "*/*",
        "text/plain",
        "text/json",
        "application/*",
        "application/jsonx",
        "application/problem+json",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json, application/json",
        "application/json; charset=utf-16",
        "application/json; charset=iso-8859-1",
        "application/json; charset"
      })
  void otherMediaTypeIsNotJson(String contentType) {
    assertThat(RequestHeadValidator.isJson(contentType)).isFalse();
  }

  @Test
  // A pattern that tries every way would take years; a busy machine takes seconds.
  @Timeout(60)
  void longestHeaderIsParsedQuickly() {
    for (String piece : new String[] {",", " ", ";", "a/b;", "a/b,", "*", "\"", ";q=0.1", "\t,"}) {
      String header = piece.repeat(20_000) + "\u0001";
      assertThat(
              catchThrowableOfType(ProblemException.class, () -> AcceptHeader.of(List.of(header))))
          .as(piece)
          .isNotNull();
      assertThat(RequestHeadValidator.isJson("application/json" + header)).isIn(true, false);
      assertThat(
              catchThrowableOfType(
                  ProblemException.class, () -> EntityTags.parse("If-Match", header)))
          .as(piece)
          .isNotNull();
    }
  }
}
