package org.agentlifecycle.rest;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The syntax of an {@code Accept} header (RFC 9110, 12.5.1). Servers differ in what they make of a
 * header without it: one answers 400 with a stack trace in its log, another 500.
 */
final class MediaRanges {
  private static final String TOKEN = "[A-Za-z0-9!#$%&'*+.^_`|~-]++";

  /** RFC 9110's weight, and {@code .2}, which Java's own HttpURLConnection sends. */
  private static final String WEIGHT =
      "[qQ]=(?:0?\\.[0-9]++|0\\.?|1(?:\\.0*+)?)(?=\\s*+(?:[;,]|$))";

  /** A range, or {@code *}, which HttpURLConnection sends too. */
  private static final Pattern RANGE = Pattern.compile("\\s*+(?:" + TOKEN + "/" + TOKEN + "|\\*)?");

  private static final Pattern PARAMETER =
      Pattern.compile(
          "\\s*+;\\s*+(?:" + WEIGHT + "|(?![qQ]=)" + TOKEN + "=(?:" + TOKEN + "|\"[^\"]*+\"))");

  private static final Pattern END = Pattern.compile("\\s*+(?:,|$)");

  private MediaRanges() {}

  /** Whether the header is absent or one that every server understands. */
  static boolean isWellFormed(String accept) {
    if (accept == null || accept.equals("*/*") || accept.equals("application/json")) {
      return true;
    }
    Matcher matcher = RANGE.matcher(accept);
    while (matcher.regionStart() < accept.length()) {
      next(matcher, RANGE);
      while (next(matcher, PARAMETER)) {
        // one parameter after the other
      }
      if (!next(matcher, END)) {
        return false;
      }
    }
    return true;
  }

  private static boolean next(Matcher matcher, Pattern pattern) {
    boolean found = matcher.usePattern(pattern).lookingAt();
    if (found) {
      matcher.region(matcher.end(), matcher.regionEnd());
    }
    return found;
  }
}
