package org.agentlifecycle.feed;

import java.time.Duration;

/** Store of the event feed. The rules and errors are those of {@code AgentStore}. */
public interface FeedStore {

  /**
   * Publishes events that are in the feed and not yet on the channel, in feed order, and moves the
   * forwarded-up-to cursor past them in the same step. The bytes per call and per second are
   * bounded, so that the output buffers of subscribers do not overflow.
   *
   * @param limit the maximum number of events
   */
  ForwardResult forward(int limit);

  /**
   * Returns the events after a position, oldest first. It may return fewer than there are, because
   * the bytes of a slice are bounded.
   *
   * @param limit the maximum number of events
   */
  FeedSlice read(EventId after, int limit);

  /** Returns the id of the last event; {@link EventId#BEGINNING} if the feed is empty. */
  EventId lastEventId();

  /**
   * Waits for an event after that position. Only one caller per server may use it, because it has
   * one connection of its own.
   *
   * @param timeout the maximum time
   * @return whether there is an event
   */
  boolean awaitEvent(EventId after, Duration timeout);
}
