package org.agentlifecycle.rest.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.agentlifecycle.rest.problem.ProblemAssertions;
import org.agentlifecycle.rest.problem.ProblemException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AcceptHeaderTest {
  private static final String JSON = "application/json";

  private static boolean permitsJson(String... lines) {
    return AcceptHeader.of(List.of(lines)).permits(JSON);
  }

  @Test
  void missingHeaderPermitsEveryType() {
    assertThat(AcceptHeader.of(null).permits(JSON)).isTrue();
    assertThat(AcceptHeader.of(List.of()).permits(JSON)).isTrue();
    assertThat(AcceptHeader.of(List.of()).names(JSON)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " , ",
        "*/*",
        JSON,
        "Application/JSON",
        "application/*",
        "application/json;charset=utf-8",
        "application/problem+json",
        "application/problem+json;q=0.1, text/html",
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8",
        "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2",
        "*",
        "application/json;q=1, text/*;q=0.000;level=\"1,2\" , */*;q=0.",
        ", application/json ,,"
      })
  void acceptableTypeIsPermitted(String accept) {
    assertThat(permitsJson(accept)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/html",
        "application/xml, text/*;q=0.5",
        "application/json;q=0",
        "application/json;q=0, */*",
        "*/*, application/json;q=0.000",
        "application/*;q=0, */*",
        "*/*;q=0",
        "application/problem+json;q=0",
        "application/json-seq"
      })
  void typeThatIsNotAcceptableIsNotPermitted(String accept) {
    assertThat(permitsJson(accept)).isFalse();
  }

  @Test
  void severalLinesAreOneList() {
    assertThat(permitsJson("text/html", JSON)).isTrue();
    assertThat(permitsJson("*/*", "application/json;q=0")).isFalse();
  }

  @Test
  void weightIsThatOfTheMostSpecificRange() {
    AcceptHeader accept =
        AcceptHeader.of(List.of("*/*;q=0.1, application/*;q=0.5, application/json;q=0.2"));

    assertThat(accept.weight(JSON)).isEqualTo(0.2);
    assertThat(accept.weight("application/yaml")).isEqualTo(0.5);
    assertThat(accept.weight("text/html")).isEqualTo(0.1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "json",
        "/",
        "a/",
        "/b",
        ";;;",
        "a/b;",
        "a/b;q",
        "a/b;q=",
        "a/b;q=x",
        "a/b;q=2",
        "a/b;q=1.5",
        "a/b;q=-1",
        "a/b c/d",
        "a/b;x=\"",
        "é/x"
      })
  void invalidSyntaxIsRejectedByTheNameOfTheHeader(String accept) {
    ProblemException rejection =
        catchThrowableOfType(ProblemException.class, () -> AcceptHeader.of(List.of("*/*", accept)));

    assertThat(ProblemAssertions.fields(rejection)).containsExactly("Accept");
  }
}
