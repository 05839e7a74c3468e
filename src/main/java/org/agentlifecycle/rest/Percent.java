package org.agentlifecycle.rest;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Percent-encoding as RFC 3986 has it, of UTF-8 and nothing else. */
final class Percent {
  private Percent() {}

  /** The decoded text; null where an escape is broken or the octets are not UTF-8. */
  static String decode(String text) {
    if (isPlain(text)) {
      return text;
    }
    ByteBuffer octets = ByteBuffer.allocate(text.length());
    for (int at = 0; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c == '%') {
        int octet = at + 2 < text.length() ? octet(text, at) : -1;
        if (octet < 0) {
          return null;
        }
        octets.put((byte) octet);
        at += 2;
      } else if (c < 0x80) {
        octets.put((byte) c);
      } else {
        return null;
      }
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(octets.flip()).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  private static boolean isPlain(String text) {
    for (int at = 0; at < text.length(); at++) {
      if (text.charAt(at) == '%' || text.charAt(at) >= 0x80) {
        return false;
      }
    }
    return true;
  }

  private static int octet(String text, int at) {
    int high = Character.digit(text.charAt(at + 1), 16);
    int low = Character.digit(text.charAt(at + 2), 16);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
  }
}
