package org.agentlifecycle.rest;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Collects what is wrong with a request, so that its sender hears all of it at once. */
final class Refusals {
  /** More help nobody, and a body may have thousands of unknown fields. */
  private static final int MAX = 20;

  /** A field's name is the client's own text and may be as long as its body. */
  private static final int MAX_NAME = 64;

  private final List<Map<String, String>> errors = new ArrayList<>(2);

  /**
   * A rejection of one thing alone.
   *
   * @param field the body's field ({@code labels.team}; {@code body} is the document), parameter or
   *     header
   * @param message what must be, for a sentence that begins with the field's name
   */
  static ProblemException of(String field, String message) {
    return new Refusals().add(field, message).problem();
  }

  /** Adds a field unless it has been refused: what else is wrong with it follows from the first. */
  Refusals add(String field, String message) {
    String name = Texts.abbreviated(field, MAX_NAME);
    if (errors.size() < MAX && errors.stream().noneMatch(e -> e.get("field").equals(name))) {
      Map<String, String> error = new LinkedHashMap<>();
      error.put("field", name);
      error.put("message", message);
      errors.add(error);
    }
    return this;
  }

  boolean isEmpty() {
    return errors.isEmpty();
  }

  /** To be called before anything is made of what was read. */
  void throwIfAny() {
    if (!errors.isEmpty()) {
      throw problem();
    }
  }

  ProblemException problem() {
    Map<String, String> first = errors.get(0);
    return new ProblemException(
        Problem.of(ProblemType.INVALID_REQUEST, first.get("field") + " " + first.get("message"))
            .with("errors", errors));
  }
}
