package org.agentlifecycle.feed;

import java.io.IOException;

/**
 * Where a follower's events go. It never blocks: what it cannot take now, it is not given.
 *
 * <p>Only one thread uses it at a time. When it has not been ready and becomes so, its owner calls
 * {@link Follower#pump()}.
 */
public interface Outlet {

  /** Whether it can take one more piece now. */
  boolean isReady();

  /** Takes an event; only when ready. */
  void event(FeedEvent event) throws IOException;

  /** Says that history was trimmed; only when ready. */
  void gap(Gap gap) throws IOException;

  /** Takes a sign of life that is no event; only when ready. */
  void comment(String text) throws IOException;

  /** Sends on its way what was taken; only when ready. */
  void flush() throws IOException;

  /** Ends it, from any thread, more than once. */
  void close();
}
