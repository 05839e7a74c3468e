package org.agentlifecycle.rest;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * A request's body: UTF-8 and not too long. What it says is for {@link Members} to find out.
 *
 * @param text decoded; empty where there was none
 */
public record RequestBody(String text) {
  /** How long a body may be, in octets. */
  static final int MAX_LENGTH = 64 * 1024;

  private static final char REPLACEMENT = '\ufffd';

  /** Reads the body; counts while it reads, because a chunked one does not say how long it is. */
  static RequestBody read(InputStream stream) {
    byte[] octets;
    try {
      octets = stream.readNBytes(MAX_LENGTH + 1);
    } catch (IOException e) { // the client stopped sending, or sent broken chunks
      throw Refusals.of("body", "must arrive in full and in time");
    }
    if (octets.length > MAX_LENGTH) {
      throw new ProblemException(tooLarge());
    }
    return of(octets);
  }

  /**
   * The fast decoder puts a replacement character where something is wrong; then the strict one
   * decides.
   */
  static RequestBody of(byte[] octets) {
    String text = new String(octets, StandardCharsets.UTF_8);
    if (text.indexOf(REPLACEMENT) >= 0) {
      try {
        StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets));
      } catch (CharacterCodingException e) {
        throw Refusals.of("body", "must be UTF-8");
      }
    }
    return new RequestBody(text);
  }

  static Problem tooLarge() {
    return Problem.of(
        ProblemType.CONTENT_TOO_LARGE, "the body must be at most " + MAX_LENGTH + " bytes");
  }

  static Problem notJson() {
    return Problem.of(
        ProblemType.UNSUPPORTED_MEDIA_TYPE,
        "the body must be application/json in UTF-8, without a content encoding");
  }
}
