package org.agentlifecycle.rest.request;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.OptionalLong;
import java.util.zip.CRC32;

/**
 * Position in a listing, opaque for clients. It contains a sequence number and a checksum, so that
 * an invented or damaged cursor is rejected.
 */
public final class Cursor {
  private static final int LENGTH = 16;

  private Cursor() {}

  public static String of(long sequence) {
    byte[] bytes =
        ByteBuffer.allocate(Long.BYTES + Integer.BYTES)
            .putLong(sequence)
            .putInt(checksum(sequence))
            .array();
    return Base64.getUrlEncoder().encodeToString(bytes);
  }

  /** Returns the sequence number; empty if the text is not a cursor. */
  public static OptionalLong parse(String text) {
    if (text.length() != LENGTH) {
      return OptionalLong.empty();
    }
    try {
      ByteBuffer bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(text));
      long sequence = bytes.getLong();
      return bytes.remaining() == Integer.BYTES && bytes.getInt() == checksum(sequence)
          ? OptionalLong.of(sequence)
          : OptionalLong.empty();
    } catch (IllegalArgumentException e) {
      return OptionalLong.empty();
    }
  }

  private static int checksum(long sequence) {
    CRC32 crc = new CRC32();
    crc.update("agents".getBytes(StandardCharsets.US_ASCII));
    crc.update(ByteBuffer.allocate(Long.BYTES).putLong(0, sequence));
    return (int) crc.getValue();
  }
}
