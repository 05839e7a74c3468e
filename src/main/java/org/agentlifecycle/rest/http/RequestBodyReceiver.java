package org.agentlifecycle.rest.http;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.Semaphore;
import org.agentlifecycle.rest.problem.ProblemException;
import org.agentlifecycle.rest.problem.Problems;

/**
 * Receives a request body before the request reaches its resource, and limits the time that this
 * takes. A few requests at a time may block a thread, which is the fastest way. All others are read
 * without blocking, so that slow senders leave the threads to other requests.
 */
final class RequestBodyReceiver {
  /** Requests that may block a thread; each server has at least four times as many threads. */
  static final int MAX_BLOCKING = 16;

  private final Semaphore blocking = new Semaphore(MAX_BLOCKING);
  private final BodyMemory memory = new BodyMemory();

  /** Passes the request on as soon as its body is there. */
  void receive(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    BodyBuffer body = BodyBuffer.of(request, memory);
    if (!blocking.tryAcquire()) {
      NonBlockingBodyReader.start(request, response, body);
      return;
    }
    try {
      try {
        read(request.getInputStream(), body);
      } finally {
        blocking.release();
      }
      chain.doFilter(ReceivedBodyRequest.of(request, body), response);
    } finally {
      body.release();
    }
  }

  private static void read(InputStream stream, BodyBuffer body) {
    long deadline = System.nanoTime() + Problems.BODY_TIMEOUT.toNanos();
    byte[] part = new byte[8 * 1024];
    while (!body.isComplete()) {
      int count;
      try {
        count = stream.read(part);
      } catch (IOException e) {
        throw Problems.bodyInterrupted(e);
      }
      if (count < 0) {
        break;
      }
      body.add(part, count);
      if (!body.isComplete() && System.nanoTime() - deadline > 0) {
        throw new ProblemException(Problems.requestTimeout());
      }
    }
    body.check();
  }
}
