package org.agentlifecycle.rest;

import java.util.regex.Pattern;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.rest.problem.ValidationErrors;

/** Rules for ids, labels and texts in bodies, parameters and paths. */
public final class Constraints {
  public static final String REQUIRED = "is required";
  public static final String ID =
      "must be 1 to 128 of A-Z a-z 0-9 . _ : -, the first a letter or digit";
  public static final String LABEL_KEY =
      "must have a key of 1 to 63 of A-Z a-z 0-9 . _ / -, the first a letter or digit";
  public static final String LABEL_VALUE =
      "must have a value of at most " + Agent.MAX_LABEL_VALUE_LENGTH + " characters";
  public static final String LABELS = "must not have more than " + Agent.MAX_LABELS + " members";
  public static final String TEXT = "must have at most " + Agent.MAX_TEXT_LENGTH + " characters";

  private static final Pattern IDS = Pattern.compile(Agent.ID_PATTERN);
  private static final Pattern LABEL_KEYS = Pattern.compile(Agent.LABEL_KEY_PATTERN);

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

  public static boolean isId(String id) {
    return IDS.matcher(id).matches();
  }

  public static boolean isLabelKey(String key) {
    return LABEL_KEYS.matcher(key).matches();
  }

  public static boolean isLabelValue(String value) {
    return isAtMost(Agent.MAX_LABEL_VALUE_LENGTH, value);
  }

  /** Characters are Unicode code points: a surrogate pair counts once. */
  public static boolean isAtMost(int max, String text) {
    return text.length() <= max || text.codePointCount(0, text.length()) <= max;
  }

  /** Returns null for a text without visible characters. */
  public static String blankToNull(String text) {
    return text == null || text.isBlank() ? null : text;
  }
}
