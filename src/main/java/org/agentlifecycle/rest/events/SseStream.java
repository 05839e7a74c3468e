package org.agentlifecycle.rest.events;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import org.agentlifecycle.feed.EventId;
import org.agentlifecycle.feed.EventSink;
import org.agentlifecycle.feed.FeedEvent;
import org.agentlifecycle.feed.Follower;
import org.agentlifecycle.feed.Gap;
import org.agentlifecycle.rest.json.Json;

/**
 * Stream of server-sent events to one client. It writes without blocking, so that a client that
 * does not read holds no thread. Events that the connection does not accept stay in the feed.
 */
final class SseStream implements EventSink, WriteListener {
  private static final Logger LOG = System.getLogger(SseStream.class.getName());

  static final String MEDIA_TYPE = "text/event-stream";

  /** Time after which a client reconnects, in milliseconds. */
  private static final int RETRY_MS = 2000;

  private final HttpServletResponse response;
  private final ServletOutputStream out;
  private final AtomicBoolean completed = new AtomicBoolean();
  private AsyncContext async;
  private Follower follower;

  /** Set when the container permits writes; a thread that reads it sees the other fields too. */
  private volatile boolean open;

  private volatile boolean closed;

  SseStream(HttpServletResponse response) throws IOException {
    this.response = response;
    this.out = response.getOutputStream();
  }

  /** Sets the headers of every stream. Some proxies buffer a response without the last one. */
  static void setHeaders(HttpServletResponse response) {
    response.setContentType(MEDIA_TYPE);
    response.setCharacterEncoding(StandardCharsets.UTF_8.name());
    response.setHeader("Cache-Control", "no-cache");
    response.setHeader("X-Accel-Buffering", "no");
  }

  /**
   * Sends the headers and the position at once, then the events of the follower. A client that is
   * disconnected before its first event resumes at the position.
   */
  void open(AsyncContext context, Follower followed) throws IOException {
    async = context;
    follower = followed;
    setHeaders(response);
    out.write(bytes("retry: " + RETRY_MS + "\n\n" + positionBlock(followed.position())));
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
  public void sendEvent(FeedEvent event) throws IOException {
    out.write(event.encoded(SseStream::block));
  }

  /** The JSON has no line break, so that one line of data is enough. */
  private static byte[] block(FeedEvent event) {
    return bytes(
        "id: " + event.id() + "\nevent: " + event.type() + "\ndata: " + event.json() + "\n\n");
  }

  @Override
  public void sendGap(Gap gap) throws IOException {
    EventId next = gap.oldest().predecessor();
    out.write(
        bytes(
            "event: gap\ndata: "
                + Json.MAPPER.writeValueAsString(gap)
                + "\n\n"
                + positionBlock(next)));
  }

  @Override
  public void sendPosition(EventId position) throws IOException {
    out.write(bytes(positionBlock(position)));
  }

  /** A client stores the id without dispatching an event, because the block has no data. */
  private static String positionBlock(EventId position) {
    return "id: " + position + "\n\n";
  }

  @Override
  public void sendKeepAlive(EventId position) throws IOException {
    out.write(bytes(": keep-alive\n\n" + positionBlock(position)));
  }

  @Override
  public void sendComment(String text) throws IOException {
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
      LOG.log(Level.DEBUG, "the server has already ended a stream", gone);
    }
  }

  @Override
  public void onWritePossible() {
    open = true;
    if (closed) {
      close();
    } else {
      follower.signal();
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
