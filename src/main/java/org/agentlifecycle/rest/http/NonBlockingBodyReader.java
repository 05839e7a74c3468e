package org.agentlifecycle.rest.http;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicBoolean;
import org.agentlifecycle.rest.problem.ProblemDetail;
import org.agentlifecycle.rest.problem.ProblemException;
import org.agentlifecycle.rest.problem.Problems;

/** Receives one request body without blocking a thread, then dispatches the request. */
final class NonBlockingBodyReader implements ReadListener, AsyncListener {
  private static final Logger LOG = System.getLogger(NonBlockingBodyReader.class.getName());

  private final HttpServletRequest request;
  private final HttpServletResponse response;
  private final ServletInputStream stream;
  private final BodyBuffer body;
  private final byte[] part = new byte[8 * 1024];
  private final AtomicBoolean ended = new AtomicBoolean();
  private AsyncContext context;

  private NonBlockingBodyReader(
      HttpServletRequest request, HttpServletResponse response, BodyBuffer body)
      throws IOException {
    this.request = request;
    this.response = response;
    this.stream = request.getInputStream();
    this.body = body;
  }

  static void start(HttpServletRequest request, HttpServletResponse response, BodyBuffer body)
      throws IOException {
    NonBlockingBodyReader reader = new NonBlockingBodyReader(request, response, body);
    reader.context = request.startAsync(ReceivedBodyRequest.of(request, body), response);
    reader.context.setTimeout(Problems.BODY_TIMEOUT.toMillis());
    reader.context.addListener(reader);
    reader.stream.setReadListener(reader);
  }

  @Override
  public void onDataAvailable() throws IOException {
    try {
      readAvailable();
    } catch (ProblemException rejected) {
      reject(rejected.problem());
    }
  }

  private void readAvailable() throws IOException {
    while (!ended.get() && !body.isComplete() && stream.isReady()) {
      int count = stream.read(part);
      if (count <= 0) {
        return;
      }
      body.add(part, count);
    }
    if (body.isComplete()) {
      end();
    }
  }

  @Override
  public void onAllDataRead() {
    end();
  }

  /** Passes the request on, unless the body is invalid. */
  private void end() {
    if (ended.compareAndSet(false, true)) {
      try {
        body.check();
        context.dispatch();
      } catch (ProblemException rejected) {
        send(rejected.problem());
      }
    }
  }

  /** A read of the body failed. */
  @Override
  public void onError(Throwable failure) {
    reject(Problems.bodyInterrupted(failure).problem());
  }

  @Override
  public void onTimeout(AsyncEvent event) {
    reject(Problems.requestTimeout());
  }

  @Override
  public void onError(AsyncEvent event) {
    reject(Problems.bodyInterrupted(event.getThrowable()).problem());
  }

  @Override
  public void onComplete(AsyncEvent event) {
    ended.set(true);
    body.release();
  }

  @Override
  public void onStartAsync(AsyncEvent event) {
    // a resource may start its own asynchronous response after the dispatch
  }

  private void reject(ProblemDetail problem) {
    if (ended.compareAndSet(false, true)) {
      send(problem);
    }
  }

  private void send(ProblemDetail problem) {
    try {
      response.setHeader("Connection", "close");
      problem.send(response, request.getRequestURI());
    } catch (IOException e) { // the client has closed the connection
      LOG.log(Level.DEBUG, "the response to an incomplete request could not be sent", e);
    }
    context.complete();
  }
}
