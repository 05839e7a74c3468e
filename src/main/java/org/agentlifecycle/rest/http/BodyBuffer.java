package org.agentlifecycle.rest.http;

import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.agentlifecycle.rest.RestApplication;
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

  /** Maximum length of the body of a batch in bytes. */
  public static final int MAX_BATCH_LENGTH = 4 * 1024 * 1024;

  private static final int RELEASED = -1;

  private static final String BATCHES = RestApplication.PATH + "/" + RestApplication.BATCHES;

  private final Received received = new Received();
  private final long length;
  private final int maxLength;
  private final boolean mayBeFramed;
  private final BodyMemory memory;
  private byte[] unframed;

  /** Number of reserved bytes; {@link #RELEASED} after the response. */
  private final AtomicInteger reserved = new AtomicInteger();

  /**
   * @param length the value of {@code Content-Length}; negative: unknown
   * @param maxLength maximum length in bytes
   * @param mayBeFramed whether the server may leave the chunk framing in the body
   * @param memory memory for the bytes after the first {@link #MAX_LENGTH}
   */
  BodyBuffer(long length, int maxLength, boolean mayBeFramed, BodyMemory memory) {
    this.length = length;
    this.maxLength = maxLength;
    this.mayBeFramed = mayBeFramed;
    this.memory = memory;
  }

  static BodyBuffer of(HttpServletRequest request, BodyMemory memory) {
    boolean chunked = request.getHeader("Transfer-Encoding") != null;
    return new BodyBuffer(
        request.getContentLengthLong(),
        maxLength(request),
        chunked && request.getHeader("Upgrade") != null,
        memory);
  }

  static int maxLength(HttpServletRequest request) {
    return request.getRequestURI().equals(BATCHES) ? MAX_BATCH_LENGTH : MAX_LENGTH;
  }

  /**
   * Adds received bytes.
   *
   * @throws ProblemException if the memory for large bodies is in use
   */
  void add(byte[] octets, int count) {
    reserve(received.size() + count - MAX_LENGTH);
    received.write(octets, 0, count);
    if (mayBeFramed && received.endsWith(ChunkFraming.END)) {
      unframed = ChunkFraming.remove(received.toByteArray());
    }
  }

  /** One thread receives the body, while another one may release the memory after a timeout. */
  private void reserve(int total) {
    int before = reserved.get();
    if (before == RELEASED || total <= before) {
      return;
    }
    memory.reserve(total - before);
    if (!reserved.compareAndSet(before, total)) {
      memory.release(total - before);
    }
  }

  /** Releases the memory of a large body, after the response. */
  void release() {
    memory.release(Math.max(0, reserved.getAndSet(RELEASED)));
  }

  /**
   * @throws ProblemException if the received body is too large or truncated
   */
  void check() {
    if (isTooLarge()) {
      throw tooLarge(maxLength);
    }
    if (received.size() < length) {
      throw ValidationErrors.problem("body", "must arrive in full");
    }
  }

  /**
   * @throws ProblemException if the announced length is too large
   */
  static void checkLength(HttpServletRequest request) {
    int maxLength = maxLength(request);
    if (request.getContentLengthLong() > maxLength) {
      throw tooLarge(maxLength);
    }
  }

  private static ProblemException tooLarge(int maxLength) {
    return new ProblemException(
        Problems.contentTooLarge("the body must be at most " + maxLength + " bytes"));
  }

  /** Returns whether no more bytes have to be read. */
  boolean isComplete() {
    return isTooLarge() || unframed != null || (length >= 0 && received.size() >= length);
  }

  private boolean isTooLarge() {
    return received.size() > maxLength;
  }

  byte[] octets() {
    return unframed == null ? received.toByteArray() : unframed;
  }

  private static final class Received extends ByteArrayOutputStream {
    Received() {
      super(512);
    }

    boolean endsWith(byte[] end) {
      return count >= end.length
          && Arrays.equals(buf, count - end.length, count, end, 0, end.length);
    }
  }
}
