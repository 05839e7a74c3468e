package org.agentlifecycle.rest.problem;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.agentlifecycle.rest.json.Surrogates;

/** Path of a request as a valid URI reference. */
public final class UriText {
  private static final int MAX_LENGTH = 1024;
  private static final String PATH_CHARACTERS = "-._~!$&'()*+,=:@/%;";

  private UriText() {}

  /** Returns whether a path may contain the character (RFC 3986), also in an escape. */
  public static boolean isPathCharacter(char c) {
    return c < 0x80 && (Character.isLetterOrDigit(c) || PATH_CHARACTERS.indexOf(c) >= 0);
  }

  /** Returns the path, with invalid characters percent-encoded. */
  static String encode(String path) {
    StringBuilder uri = new StringBuilder(path.length());
    for (byte octet : Surrogates.abbreviate(path, MAX_LENGTH).getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (octet & 0xff);
      if (isPathCharacter(c)) {
        uri.append(c);
      } else {
        uri.append('%').append(String.format(Locale.ROOT, "%02X", (int) c));
      }
    }
    return uri.toString();
  }
}
