package org.agentlifecycle.rest;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import org.agentlifecycle.feed.FeedEvent;
import org.agentlifecycle.feed.Follower;
import org.agentlifecycle.feed.Gap;
import org.agentlifecycle.feed.Outlet;

/**
 * One client's stream of server-sent events. It writes without blocking, so that a client that does
 * not read holds no thread: what the connection cannot take now stays in the feed.
 */
final class EventStream implements Outlet, WriteListener {
  private static final Logger LOG = System.getLogger(EventStream.class.getName());

  static final String MEDIA_TYPE = "text/event-stream";

  /** How long a client waits before it comes back, in milliseconds. */
  private static final int RETRY_MS = 2000;

  private final HttpServletResponse response;
  private final ServletOutputStream out;
  private final AtomicBoolean completed = new AtomicBoolean();
  private AsyncContext async;
  private Follower follower;

  /** Set once the container takes writes: whoever sees it sees the others. */
  private volatile boolean open;

  private volatile boolean closed;

  EventStream(HttpServletResponse response) throws IOException {
    this.response = response;
    this.out = response.getOutputStream();
  }

  /** Sends the headers at once; from then on the follower's events go out as they come. */
  void open(AsyncContext context, Follower followed) throws IOException {
    async = context;
    follower = followed;
    response.setContentType(MEDIA_TYPE);
    response.setCharacterEncoding(StandardCharsets.UTF_8.name());
    out.write(bytes("retry: " + RETRY_MS + "\n\n"));
    response.flushBuffer();
    // Open Liberty ignores the first flush of a response.
    out.flush();
    out.setWriteListener(this);
  }

  @Override
  public boolean isReady() {
    return open && out.isReady();
  }

  @Override
  public void event(FeedEvent event) throws IOException {
    // JSON holds no line break, so that one line of data is enough.
    out.write(
        bytes(
            "id: "
                + event.id()
                + "\nevent: "
                + event.type().wireName()
                + "\ndata: "
                + event.json()
                + "\n\n"));
  }

  @Override
  public void gap(Gap gap) throws IOException {
    out.write(bytes("event: gap\ndata: " + JsonWriter.gap(gap) + "\n\n"));
  }

  @Override
  public void comment(String text) throws IOException {
    out.write(bytes(": " + text + "\n\n"));
  }

  @Override
  public void flush() throws IOException {
    out.flush();
  }

  @Override
  public void close() {
    closed = true;
    if (open && completed.compareAndSet(false, true)) {
      complete();
    }
  }

  private void complete() {
    try {
      async.complete();
    } catch (IllegalStateException gone) {
      LOG.log(Level.DEBUG, "the server has ended a stream already", gone);
    }
  }

  @Override
  public void onWritePossible() {
    open = true;
    if (closed) {
      close();
    } else {
      follower.pump();
    }
  }

  @Override
  public void onError(Throwable gone) {
    follower.close();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
