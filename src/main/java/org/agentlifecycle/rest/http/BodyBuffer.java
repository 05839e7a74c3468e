package org.agentlifecycle.rest.http;

import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayOutputStream;
import org.agentlifecycle.rest.problem.ProblemException;
import org.agentlifecycle.rest.problem.Problems;
import org.agentlifecycle.rest.problem.ValidationErrors;

/**
 * The received part of a request body. It detects the end of the body by itself, because Payara
 * never reports the end of a body with an {@code Upgrade} header (eclipse-ee4j/grizzly#1972).
 */
public final class BodyBuffer {
  /** Maximum length of a body in bytes. */
  public static final int MAX_LENGTH = 64 * 1024;

  private final ByteArrayOutputStream received = new ByteArrayOutputStream(512);
  private final long length;
  private final boolean mayBeFramed;
  private byte[] unframed;

  /**
   * @param length the value of {@code Content-Length}; negative: unknown
   * @param mayBeFramed whether the server may leave the chunk framing in the body
   */
  BodyBuffer(long length, boolean mayBeFramed) {
    this.length = length;
    this.mayBeFramed = mayBeFramed;
  }

  static BodyBuffer of(HttpServletRequest request) {
    boolean chunked = request.getHeader("Transfer-Encoding") != null;
    return new BodyBuffer(
        request.getContentLengthLong(), chunked && request.getHeader("Upgrade") != null);
  }

  void add(byte[] octets, int count) {
    received.write(octets, 0, count);
    if (mayBeFramed) {
      unframed = ChunkFraming.remove(received.toByteArray());
    }
  }

  /**
   * @throws ProblemException if the received body is too large or truncated
   */
  void check() {
    if (isTooLarge()) {
      throw tooLarge();
    }
    if (received.size() < length) {
      throw ValidationErrors.problem("body", "must arrive in full");
    }
  }

  static ProblemException tooLarge() {
    return new ProblemException(
        Problems.contentTooLarge("the body must be at most " + MAX_LENGTH + " bytes"));
  }

  /** Returns whether no more bytes have to be read. */
  boolean isComplete() {
    return isTooLarge() || unframed != null || (length >= 0 && received.size() >= length);
  }

  boolean isTooLarge() {
    return received.size() > MAX_LENGTH;
  }

  byte[] octets() {
    return unframed == null ? received.toByteArray() : unframed;
  }
}
