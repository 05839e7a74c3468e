package org.agentlifecycle.rest.problem;

import java.util.Locale;
import org.agentlifecycle.rest.json.Surrogates;

/** Text of clients in log lines. */
final class LogText {
  private static final int MAX_LENGTH = 200;

  private LogText() {}

  /** Returns the text as one line of visible ASCII characters; other characters are escaped. */
  static String escape(String text) {
    StringBuilder line = new StringBuilder();
    Surrogates.abbreviate(text, MAX_LENGTH)
        .chars()
        .forEach(
            c -> {
              if (c >= ' ' && c < 0x7f) {
                line.append((char) c);
              } else {
                line.append(String.format(Locale.ROOT, "\\u%04x", c));
              }
            });
    return line.toString();
  }
}
