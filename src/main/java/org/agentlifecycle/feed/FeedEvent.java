package org.agentlifecycle.feed;

import java.util.Map;
import java.util.function.Function;

/**
 * An event as it is stored in the feed.
 *
 * @param id position in the feed
 * @param type the type, which may be one of a later release
 * @param agentId the agent; null if the type has none
 * @param taskId the task of the agent; null if the type has none
 * @param labels the labels of the agent at the time of the event
 * @param json the complete event with its id, as it is published on the channel
 * @param encoding shares the encoded event between followers
 */
public record FeedEvent(
    EventId id,
    String type,
    String agentId,
    String taskId,
    Map<String, String> labels,
    String json,
    Encoding encoding) {

  /** Estimate of the memory beside the text. */
  private static final int OVERHEAD = 300;

  /** Estimate of the memory of a character: 2 bytes in the text and 3 in the encoded event. */
  private static final int CHARACTER_BYTES = 5;

  public FeedEvent {
    labels = Map.copyOf(labels);
  }

  public FeedEvent(
      EventId id,
      String type,
      String agentId,
      String taskId,
      Map<String, String> labels,
      String json) {
    this(id, type, agentId, taskId, labels, json, new Encoding());
  }

  /**
   * Returns the bytes that a follower receives. All followers share them, so that each event is
   * encoded once.
   *
   * @param encoder the same for all followers
   */
  public byte[] encoded(Function<FeedEvent, byte[]> encoder) {
    byte[] bytes = encoding.bytes;
    if (bytes == null) {
      bytes = encoder.apply(this);
      encoding.bytes = bytes;
    }
    return bytes;
  }

  /** Returns the upper estimate of the memory that the event occupies. */
  public int bytes() {
    return OVERHEAD + CHARACTER_BYTES * json.length() + 150 * labels.size();
  }

  /** The encoded event. Two encodings are equal, because the event determines the bytes. */
  public static final class Encoding {
    private volatile byte[] bytes;

    private Encoding() {}

    @Override
    public boolean equals(Object other) {
      return other instanceof Encoding;
    }

    @Override
    public int hashCode() {
      return 0;
    }
  }
}
