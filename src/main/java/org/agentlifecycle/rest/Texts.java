package org.agentlifecycle.rest;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Texts that clients sent, made fit for a log line, an error's field or a URI. */
final class Texts {
  private static final int MAX_PRINTED = 200;
  private static final int MAX_PATH = 1024;
  private static final String OF_PATHS = "-._~!$&'()*+,=:@/%;";

  private Texts() {}

  /** One line of visible ASCII, whatever came. */
  static String printable(String text) {
    StringBuilder line = new StringBuilder();
    abbreviated(text, MAX_PRINTED)
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

  /** The text's beginning, without half a character in it. */
  static String abbreviated(String text, int max) {
    String start = text.length() <= max ? text : text.substring(0, max) + "…";
    return hasLoneSurrogate(start)
        ? new String(start.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8)
        : start;
  }

  /** The path, with what no URI may hold percent-encoded. */
  static String asUri(String path) {
    StringBuilder uri = new StringBuilder(path.length());
    for (byte octet : abbreviated(path, MAX_PATH).getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (octet & 0xff);
      if (c < 0x80 && (Character.isLetterOrDigit(c) || OF_PATHS.indexOf(c) >= 0)) {
        uri.append(c);
      } else {
        uri.append('%').append(String.format(Locale.ROOT, "%02X", (int) c));
      }
    }
    return uri.toString();
  }

  /** Whether there is half a character, which UTF-8 cannot say. */
  static boolean hasLoneSurrogate(String text) {
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

  /** As {@link #hasLoneSurrogate}, for well-formed JSON: it looks at the escapes. */
  static boolean escapesLoneSurrogate(String json) {
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
}
