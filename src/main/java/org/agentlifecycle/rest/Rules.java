package org.agentlifecycle.rest;

import java.util.regex.Pattern;
import org.agentlifecycle.agent.Agent;

/** What ids and labels may be: the one place in this package that says so. */
final class Rules {
  static final String ID = "must be 1 to 128 of A-Z a-z 0-9 . _ : -, the first a letter or digit";
  static final String LABEL_KEY =
      "must have a key of 1 to 63 of A-Z a-z 0-9 . _ / -, the first a letter or digit";
  static final String LABEL_VALUE =
      "must have a value of at most " + Agent.MAX_LABEL_VALUE_LENGTH + " characters";

  private static final Pattern IDS = Pattern.compile(Agent.ID_PATTERN);
  private static final Pattern LABEL_KEYS = Pattern.compile(Agent.LABEL_KEY_PATTERN);

  private Rules() {}

  /** The agent's id in a path. */
  static String agentId(String id) {
    return id("agentId", id);
  }

  /**
   * An id in a path.
   *
   * @param field what the path's template calls it
   */
  static String id(String field, String id) {
    if (!isId(id)) {
      throw Refusals.of(field, ID);
    }
    return id;
  }

  static boolean isId(String id) {
    return IDS.matcher(id).matches();
  }

  static boolean isLabelKey(String key) {
    return LABEL_KEYS.matcher(key).matches();
  }

  static boolean isLabelValue(String value) {
    return isAtMost(Agent.MAX_LABEL_VALUE_LENGTH, value);
  }

  /** Characters are counted as people count them: one that takes two {@code char}s is one. */
  static boolean isAtMost(int max, String text) {
    return text.length() <= max || text.codePointCount(0, text.length()) <= max;
  }
}
