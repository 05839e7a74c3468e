package org.agentlifecycle.rest.json;

import java.nio.charset.StandardCharsets;

/** Checks for lone surrogates. A lone surrogate is no character and has no UTF-8 encoding. */
public final class Surrogates {
  private Surrogates() {}

  /** Returns whether the text contains a lone surrogate. */
  public static boolean hasLone(String text) {
    for (int at = 0; at < text.length(); at++) {
      char c = text.charAt(at);
      if (Character.isSurrogate(c)) {
        if (!Character.isHighSurrogate(c)
            || at + 1 == text.length()
            || !Character.isLowSurrogate(text.charAt(at + 1))) {
          return true;
        }
        at++;
      }
    }
    return false;
  }

  /** Returns whether well-formed JSON contains the escape of a lone surrogate. */
  public static boolean hasLoneEscape(String json) {
    int at = json.indexOf('\\');
    while (at >= 0) {
      int length = 2;
      if (json.charAt(at + 1) == 'u') {
        char c = escaped(json, at);
        length = 6;
        if (Character.isSurrogate(c)) {
          if (!Character.isHighSurrogate(c)
              || !json.startsWith("\\u", at + 6)
              || !Character.isLowSurrogate(escaped(json, at + 6))) {
            return true;
          }
          length = 12;
        }
      }
      at = json.indexOf('\\', at + length);
    }
    return false;
  }

  private static char escaped(String json, int at) {
    return (char) Integer.parseInt(json, at + 2, at + 6, 16);
  }

  /**
   * Returns the beginning of the text, without a lone surrogate.
   *
   * @param max maximum number of {@code char}s before the ellipsis
   */
  public static String abbreviate(String text, int max) {
    String start = text.length() <= max ? text : text.substring(0, max) + "…";
    return hasLone(start)
        ? new String(start.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8)
        : start;
  }
}
