package org.agentlifecycle.rest;

import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeoutException;

/**
 * The body of a request, in UTF-8 and of limited length. {@link Members} parses it.
 *
 * @param text the decoded body; empty if the request has none
 */
public record RequestBody(String text) {
  /** Maximum length of a body in bytes. */
  static final int MAX_LENGTH = 64 * 1024;

  private static final char REPLACEMENT = '\ufffd';

  /** Reads the body that the {@link RequestBodyReceiver} has received. */
  static RequestBody read(InputStream stream) {
    try {
      return of(stream.readAllBytes());
    } catch (IOException e) {
      throw interrupted(e);
    }
  }

  /** Throws the problem of a received body that is too large or not complete. */
  static void check(BodyBuffer body) {
    if (body.isTooLarge()) {
      throw new ProblemException(tooLarge());
    }
    if (body.isTruncated()) {
      throw incomplete();
    }
  }

  /**
   * Returns the rejection of a body after a failed read: the sender paused, or its chunks are
   * invalid.
   */
  static ProblemException interrupted(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SocketTimeoutException || cause instanceof TimeoutException) {
        return new ProblemException(tooSlow());
      }
    }
    return incomplete();
  }

  private static ProblemException incomplete() {
    return Refusals.of("body", "must arrive in full");
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

  static Problem tooSlow() {
    return Problem.of(
        ProblemType.REQUEST_TIMEOUT,
        "the body must arrive within "
            + RequestBodyReceiver.TIME_LIMIT.toSeconds()
            + " s and without a pause of 5 s");
  }

  static Problem notJson() {
    return Problem.of(
        ProblemType.UNSUPPORTED_MEDIA_TYPE,
        "the body must be application/json in UTF-8, without a content encoding");
  }
}
