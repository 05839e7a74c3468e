package org.agentlifecycle.rest.binding;

import java.util.ArrayDeque;
import java.util.Deque;
import org.agentlifecycle.rest.json.Json;
import org.agentlifecycle.rest.problem.ProblemException;
import org.agentlifecycle.rest.problem.ValidationErrors;
import tools.jackson.core.JsonParser;
import tools.jackson.core.TokenStreamContext;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.DeserializationContext;

/** State of the binding of one body: its text, its errors, and the objects that are being read. */
final class Binding {
  /** The only read error of Jackson without a type of its own that names a field. */
  private static final String DUPLICATE = "Duplicate";

  static final String TOO_COMPLEX =
      "must not be nested deeper than "
          + Json.MAX_DEPTH
          + " levels or contain a number of more than "
          + Json.MAX_NUMBER_LENGTH
          + " characters";

  private final String text;
  private final ValidationErrors errors = new ValidationErrors();
  private final Deque<TokenStreamContext> objects = new ArrayDeque<>();

  Binding(String text) {
    this.text = text;
  }

  static Binding of(DeserializationContext context) {
    return (Binding) context.getAttribute(Binding.class);
  }

  String text() {
    return text;
  }

  ValidationErrors errors() {
    return errors;
  }

  /** Marks the start of an object whose members are bound one by one. */
  void enter(JsonParser parser) {
    objects.push(parser.streamReadContext());
  }

  void leave() {
    objects.pop();
  }

  /** Rejects the current value and skips it. */
  void reject(JsonParser parser, String message) {
    errors.add(field(parser), message);
    parser.skipChildren();
  }

  /** Rejects a member of the innermost object. */
  void rejectMember(String name, String message) {
    errors.add(member(objects.element(), name), message);
  }

  /** Returns the path of the current value. */
  static String field(JsonParser parser) {
    TokenStreamContext context = parser.streamReadContext();
    return path(parser.currentToken().isStructStart() ? context.getParent() : context);
  }

  /**
   * Returns the rejection of a value that is nested too deep or has a number that is too long. It
   * names the member of the innermost bound object.
   */
  ProblemException rejectTooComplex() {
    return ValidationErrors.problem(path(objects.element()), TOO_COMPLEX);
  }

  /** Returns the rejection of a body that the parser cannot read. */
  ProblemException rejectMalformed(StreamReadException failure) {
    if (failure.getOriginalMessage().startsWith(DUPLICATE)) {
      return ValidationErrors.problem(
          path(objects.element()), "must not occur twice or contain a key twice");
    }
    TokenStreamLocation at = failure.getLocation();
    return ValidationErrors.problem(
        "body",
        "is not well-formed JSON"
            + (at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr()));
  }

  private static String path(TokenStreamContext context) {
    if (context.inRoot()) {
      return "";
    }
    TokenStreamContext parent = context.getParent();
    return context.inArray()
        ? path(parent) + "[" + context.getCurrentIndex() + "]"
        : member(context, context.currentName());
  }

  private static String member(TokenStreamContext object, String name) {
    String prefix = path(object.getParent());
    return prefix.isEmpty() ? name : prefix + "." + name;
  }
}
