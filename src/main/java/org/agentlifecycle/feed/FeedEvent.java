package org.agentlifecycle.feed;

import java.util.Map;

/**
 * An event as it is stored in the feed.
 *
 * @param id its position in the feed
 * @param type its type, which may be one of a later release
 * @param agentId the id of its agent; null if the type has none
 * @param taskId the id of the agent's task; null if the type has none
 * @param labels the agent's labels at the time of the event
 * @param json the whole event with its id, as it is published on the channel
 */
public record FeedEvent(
    EventId id,
    String type,
    String agentId,
    String taskId,
    Map<String, String> labels,
    String json) {

  /** Estimate of the memory beside the text. */
  private static final int OVERHEAD = 300;

  public FeedEvent {
    labels = Map.copyOf(labels);
  }

  /** Returns the upper estimate of the memory that the event occupies. */
  public int bytes() {
    return OVERHEAD + 2 * json.length() + 150 * labels.size();
  }
}
