package org.agentlifecycle.rest.binding;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.rest.problem.ValidationErrors;

/** Rules for ids, labels and texts in bodies, parameters and paths. */
public final class Constraints {
  public static final String REQUIRED = "is required";
  public static final String ID =
      "must be 1 to 128 of A-Z a-z 0-9 . _ : -, the first a letter or digit";
  public static final String LABEL_KEY =
      "must have a key of 1 to 63 of A-Z a-z 0-9 . _ / -, the first a letter or digit";
  public static final String LINK_RELATION =
      "must be 1 to 63 of A-Z a-z 0-9 . _ / -, the first a letter or digit";
  public static final String LABEL_VALUE =
      "must have a value of at most " + Agent.MAX_LABEL_VALUE_LENGTH + " characters";
  public static final String LABELS = "must not have more than " + Agent.MAX_LABELS + " members";
  public static final String TEXT = "must have at most " + Agent.MAX_TEXT_LENGTH + " characters";

  /** The names of all statuses, for messages. */
  public static final String STATUSES =
      Arrays.stream(AgentStatus.values())
          .map(AgentStatus::wireName)
          .collect(Collectors.joining(", "));

  private static final int MAX_ID_LENGTH = 128;
  private static final int MAX_LABEL_KEY_LENGTH = 63;

  private Constraints() {}

  /** Returns the id of an agent in a path, if it is valid. */
  public static String agentId(String id) {
    return id("agentId", id);
  }

  /**
   * Returns an id in a path, if it is valid.
   *
   * @param field name of the path parameter
   */
  public static String id(String field, String id) {
    if (!isId(id)) {
      throw ValidationErrors.problem(field, ID);
    }
    return id;
  }

  /** Returns whether the text matches {@link Agent#ID_PATTERN}. */
  public static boolean isId(String id) {
    return isName(id, MAX_ID_LENGTH, "._:-");
  }

  /** Returns whether the text matches {@link Agent#LABEL_KEY_PATTERN}. */
  public static boolean isLabelKey(String key) {
    return isName(key, MAX_LABEL_KEY_LENGTH, "._/-");
  }

  /** A loop, because every call has an id and a regular expression costs several times as much. */
  private static boolean isName(String text, int maxLength, String punctuation) {
    if (text.isEmpty() || text.length() > maxLength || !isAlphanumeric(text.charAt(0))) {
      return false;
    }
    for (int at = 1; at < text.length(); at++) {
      char c = text.charAt(at);
      if (!isAlphanumeric(c) && punctuation.indexOf(c) < 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean isAlphanumeric(char c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
  }

  public static boolean isLabelValue(String value) {
    return isAtMost(Agent.MAX_LABEL_VALUE_LENGTH, value);
  }

  /** Characters are Unicode code points: a surrogate pair counts once. */
  public static boolean isAtMost(int max, String text) {
    return text.length() <= max || text.codePointCount(0, text.length()) <= max;
  }

  /** Adds an error if the text has more characters. Null is valid. */
  public static void checkLength(String field, String text, int max, ValidationErrors errors) {
    if (text != null && !isAtMost(max, text)) {
      errors.add(field, "must have at most " + max + " characters");
    }
  }

  /** Returns null for a text without visible characters. */
  public static String blankToNull(String text) {
    return text == null || text.isBlank() ? null : text;
  }
}
