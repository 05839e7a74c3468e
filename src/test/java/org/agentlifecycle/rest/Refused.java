package org.agentlifecycle.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;

/** Reads what a refusal says. */
final class Refused {
  private Refused() {}

  /** The fields that a 400 names, in its order. */
  static List<String> fields(ProblemException refusal) {
    assertThat(refusal).as("a refusal").isNotNull();
    assertThat(refusal.problem().status()).isEqualTo(400);
    List<?> errors = (List<?>) refusal.problem().members().get("errors");
    return errors.stream().map(error -> ((Map<?, ?>) error).get("field").toString()).toList();
  }
}
