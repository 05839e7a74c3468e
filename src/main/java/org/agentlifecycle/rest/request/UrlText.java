package org.agentlifecycle.rest.request;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Percent-encoded UTF-8. */
public final class UrlText {
  private static final char REPLACEMENT = '\ufffd';
  private static final String ENCODED_REPLACEMENT = "%EF%BF%BD";

  private UrlText() {}

  /** Returns the decoded text; null if an escape is invalid or the bytes are not UTF-8. */
  public static String decode(String text) {
    try {
      String decoded = URLDecoder.decode(text, StandardCharsets.UTF_8);
      boolean isInvalid =
          decoded.indexOf(REPLACEMENT) >= 0
              && !text.toUpperCase(Locale.ROOT).contains(ENCODED_REPLACEMENT);
      return isInvalid ? null : decoded;
    } catch (IllegalArgumentException invalid) {
      return null;
    }
  }
}
