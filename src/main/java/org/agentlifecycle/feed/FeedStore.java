package org.agentlifecycle.feed;

import java.time.Duration;

/** What the feed needs of a store; the rules and errors are those of {@code AgentStore}. */
public interface FeedStore {

  /**
   * Publishes events that are in the feed and not yet on the channel, in feed order, and moves the
   * forwarded-up-to cursor past them in the same step.
   *
   * @param limit how many at most
   * @return how many it published; fewer than the limit: nothing is left
   */
  int forward(int limit);

  /**
   * The events after that id, oldest first.
   *
   * @param limit how many at most
   */
  FeedSlice read(EventId after, int limit);

  /** The id of the last event; {@link EventId#BEGINNING} where there is none. */
  EventId newest();

  /**
   * Waits until there is an event after that id. Meant for one caller a server: it has a connection
   * of its own.
   *
   * @param patience how long at most
   * @return whether there is one
   */
  boolean await(EventId after, Duration patience);
}
