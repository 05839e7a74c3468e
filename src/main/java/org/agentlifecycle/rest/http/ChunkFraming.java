package org.agentlifecycle.rest.http;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** The framing of {@code Transfer-Encoding: chunked}, for a server that does not remove it. */
final class ChunkFraming {
  static final byte[] END = {'\r', '\n', '\r', '\n'};

  private static final int LONGEST_SIZE = 6;

  private final byte[] framed;
  private final ByteArrayOutputStream content = new ByteArrayOutputStream();
  private int at;

  private ChunkFraming(byte[] framed) {
    this.framed = framed;
  }

  /**
   * Returns the content of a complete chunked body without trailers; null if the bytes are no
   * complete one. A JSON object is none, because it begins with a brace.
   */
  static byte[] remove(byte[] framed) {
    boolean mayBeComplete =
        framed.length >= 5 && Arrays.equals(framed, framed.length - 4, framed.length, END, 0, 4);
    return mayBeComplete ? new ChunkFraming(framed).content() : null;
  }

  private byte[] content() {
    for (int size = size(); size >= 0; size = size()) {
      if (size == 0) {
        return at + 2 == framed.length && isLineEnd() ? content.toByteArray() : null;
      }
      if (size > framed.length - at) {
        return null;
      }
      content.write(framed, at, size);
      at += size;
      if (!isLineEnd()) {
        return null;
      }
      at += 2;
    }
    return null;
  }

  /** Reads the line with a chunk's size; negative if there is none. */
  private int size() {
    int size = 0;
    int start = at;
    for (; at < framed.length && at - start <= LONGEST_SIZE; at++) {
      int digit = Character.digit(framed[at], 16);
      if (digit < 0) {
        boolean valid = at > start && skipExtension();
        return valid ? size : -1;
      }
      size = size << 4 | digit;
    }
    return -1;
  }

  private boolean skipExtension() {
    if (framed[at] == ';') {
      while (at < framed.length && framed[at] != '\r') {
        at++;
      }
    }
    boolean ended = isLineEnd();
    at += 2;
    return ended;
  }

  private boolean isLineEnd() {
    return at + 1 < framed.length && framed[at] == '\r' && framed[at + 1] == '\n';
  }
}
