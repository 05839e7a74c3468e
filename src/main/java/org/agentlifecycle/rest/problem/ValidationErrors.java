package org.agentlifecycle.rest.problem;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.agentlifecycle.rest.json.Surrogates;

/**
 * Collects the errors of a request, so that its response names all of them. Each field has at most
 * one error: further errors usually follow from the first one.
 */
public final class ValidationErrors {
  /** Maximum number of reported errors. A body may have thousands of unknown fields. */
  private static final int MAX_ERRORS = 20;

  /** Maximum length of a reported name. A name may be as long as the body. */
  private static final int MAX_NAME_LENGTH = 64;

  /** One entry of {@code errors}. */
  record FieldError(String field, String message) {}

  /** Path of the object of this view; empty for the document. */
  private final String object;

  private final Map<String, String> messages;

  public ValidationErrors() {
    this("", new TreeMap<>());
  }

  private ValidationErrors(String object, Map<String, String> messages) {
    this.object = object;
    this.messages = messages;
  }

  /**
   * Returns the rejection of one field.
   *
   * @param field member of the body ({@code labels.team}; {@code body} is the document), parameter
   *     or header
   * @param message the rule, as the predicate of a sentence about the field
   */
  public static ProblemException problem(String field, String message) {
    return new ValidationErrors().add(field, message).problem();
  }

  /** Returns a view for an object of the request: its fields have the path of the object. */
  public ValidationErrors in(String member) {
    return new ValidationErrors(path(member), messages);
  }

  /**
   * Adds an error, unless the field has one.
   *
   * @param field empty: the object of this view
   */
  public ValidationErrors add(String field, String message) {
    if (messages.size() < MAX_ERRORS) {
      messages.putIfAbsent(name(field), message);
    }
    return this;
  }

  /** Returns whether the field, or a member of it, has an error. */
  public boolean contains(String field) {
    if (messages.isEmpty()) {
      return false;
    }
    String name = name(field);
    return messages.keySet().stream()
        .anyMatch(other -> other.equals(name) || other.startsWith(name + "."));
  }

  private String name(String field) {
    return Surrogates.abbreviate(path(field), MAX_NAME_LENGTH);
  }

  private String path(String field) {
    if (object.isEmpty() || field.isEmpty()) {
      return object + field;
    }
    return object + "." + field;
  }

  /**
   * @throws ProblemException if there is an error
   */
  public void throwIfAny() {
    if (!messages.isEmpty()) {
      throw problem();
    }
  }

  private ProblemException problem() {
    List<FieldError> errors =
        messages.entrySet().stream()
            .map(error -> new FieldError(error.getKey(), error.getValue()))
            .toList();
    FieldError first = errors.get(0);
    return new ProblemException(
        ProblemDetail.of(ProblemType.INVALID_REQUEST, first.field() + " " + first.message())
            .with("errors", errors));
  }
}
