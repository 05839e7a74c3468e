package org.agentlifecycle.rest.problem;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

/** Reads problems. */
public final class ProblemAssertions {
  private ProblemAssertions() {}

  /** Returns the fields that a 400 names, in its order. */
  public static List<String> fields(ProblemException rejection) {
    assertThat(rejection).as("a rejection").isNotNull();
    assertThat(rejection.problem().status()).isEqualTo(400);
    List<?> errors = (List<?>) rejection.problem().members().get("errors");
    return errors.stream().map(error -> ((ValidationErrors.FieldError) error).field()).toList();
  }
}
