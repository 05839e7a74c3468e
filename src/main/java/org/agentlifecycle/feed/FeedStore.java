package org.agentlifecycle.feed;

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
}
