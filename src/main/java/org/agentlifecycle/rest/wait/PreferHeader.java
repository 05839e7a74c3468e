package org.agentlifecycle.rest.wait;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The preferences of a {@code Prefer} header (RFC 7240). Only {@code wait} is known. */
final class PreferHeader {
  static final String NAME = "Prefer";

  /** Name of the header that names the applied preferences. */
  static final String APPLIED = "Preference-Applied";

  /** Longest wait in seconds: some proxies close a connection after a minute without data. */
  static final int MAX_WAIT = 60;

  private static final String TOKEN = "[A-Za-z0-9!#$%&'*+.^_`|~-]++";
  private static final String WORD = "(?:(" + TOKEN + ")|\"((?:[^\"\\\\]|\\\\.)*+)\")?+";
  private static final String SPACE = "[ \\t]*+";
  private static final String PARAMETER =
      SPACE + ";" + SPACE + "(?:" + TOKEN + SPACE + "(?:=" + SPACE + unnamed(WORD) + ")?+)?+";

  /** One preference, which may be empty, and the comma after it. */
  private static final Pattern PREFERENCE =
      Pattern.compile(
          SPACE
              + ("(?:(" + TOKEN + ")" + SPACE + "(?:=" + SPACE + WORD + ")?+)?+")
              + ("(?:" + PARAMETER + ")*+")
              + (SPACE + "(?:,|$)"));

  private static final Pattern SECONDS = Pattern.compile("[0-9]+");

  private PreferHeader() {}

  private static String unnamed(String pattern) {
    return pattern.replaceAll("\\((?!\\?)", "(?:");
  }

  /**
   * Returns the seconds of the first valid {@code wait}, at most {@link #MAX_WAIT}; 0 if there is
   * none. A malformed preference is ignored up to the next comma.
   *
   * @param lines the values of all header lines
   */
  static int waitSeconds(List<String> lines) {
    String text = String.join(",", lines);
    Matcher preference = PREFERENCE.matcher(text);
    while (preference.regionStart() < text.length()) {
      if (preference.lookingAt()) {
        if ("wait".equalsIgnoreCase(preference.group(1))) {
          String value = preference.group(2) == null ? preference.group(3) : preference.group(2);
          if (value != null && SECONDS.matcher(value).matches()) {
            return seconds(value);
          }
        }
        preference.region(preference.end(), text.length());
      } else {
        int comma = text.indexOf(',', preference.regionStart());
        preference.region(comma < 0 ? text.length() : comma + 1, text.length());
      }
    }
    return 0;
  }

  private static int seconds(String digits) {
    String number = digits.replaceFirst("^0+", "");
    return number.length() > 2 ? MAX_WAIT : Math.min(MAX_WAIT, Integer.parseInt("0" + number));
  }
}
