package org.agentlifecycle.feed;

import java.io.IOException;

/**
 * Non-blocking destination of the events of a follower. Only one thread uses it at a time, and only
 * while {@link #isReady()} returns true. When it becomes ready again, its owner calls {@link
 * Follower#signal()}.
 */
public interface EventSink {

  /** Returns whether the sink accepts one more message now. */
  boolean isReady();

  /** Sends an event. */
  void sendEvent(FeedEvent event) throws IOException;

  /** Sends the gap, and after it the position from which the stream continues. */
  void sendGap(Gap gap) throws IOException;

  /** Sends a position from which a client can resume, without an event. */
  void sendPosition(EventId position) throws IOException;

  /** Sends a keep-alive comment and the position. */
  void sendKeepAlive(EventId position) throws IOException;

  /** Sends a comment. */
  void sendComment(String text) throws IOException;

  /** Sends buffered messages. */
  void flush() throws IOException;

  /**
   * Reports that the feed was replaced or that its reader failed. Events may come late. Any thread
   * may call it.
   */
  default void interrupted() {}

  /** Ends the stream. Any thread may call it, also more than once. */
  void close();
}
