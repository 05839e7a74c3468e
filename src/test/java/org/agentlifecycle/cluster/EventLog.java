package org.agentlifecycle.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.agentlifecycle.harness.Subscription;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.resps.StreamEntry;
import tools.jackson.databind.JsonNode;

/** Events of the feed in the store, and of the channel since the creation of this object. */
final class EventLog implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  /** Time for several sweeps, in which an event could be published twice. */
  private static final Duration SILENCE = Duration.ofMillis(700);

  private final RedisClient valkey;
  private final String feed;
  private final Subscription channel;

  EventLog(URI store, String namespace) {
    valkey = RedisClient.create(store);
    feed = "{" + namespace + "}:feed";
    channel = new Subscription(store, namespace + ":events");
  }

  /** Returns all events of the feed as JSON with their ids, oldest first. */
  List<String> feedJson() {
    return valkey.xrange(feed, "-", "+").stream().map(EventLog::json).toList();
  }

  /** Returns an entry of the feed as the JSON that clients receive. */
  static String json(StreamEntry entry) {
    return "{\"id\":\"" + entry.getID() + "\"," + entry.getFields().get("event").substring(1);
  }

  List<JsonNode> feed() {
    return feedJson().stream().map(ApiResponse.JSON::readTree).toList();
  }

  /** Returns the transitions of each agent, the registration included, oldest first. */
  Map<String, List<JsonNode>> transitions() {
    return feed().stream()
        .filter(event -> event.has("to"))
        .collect(
            Collectors.groupingBy(
                event -> event.path("agentId").asString(),
                LinkedHashMap::new,
                Collectors.toList()));
  }

  /** Returns the events of ended sessions. */
  List<JsonNode> cleanups() {
    return feed().stream()
        .filter(event -> event.path("type").asString().equals("agent.cleanup"))
        .toList();
  }

  /** Asserts that the channel received each event of the feed once and in order. */
  void assertChannelEqualsFeed() {
    await()
        .atMost(TIMEOUT)
        .during(SILENCE)
        .failFast(this::assertMessagesAreAPrefixOfTheFeed)
        .until(() -> channel.messages().size() == feedJson().size());
  }

  private void assertMessagesAreAPrefixOfTheFeed() {
    List<String> messagesSoFar = channel.messages();
    List<String> all = feedJson();
    assertThat(messagesSoFar.size()).as("events of the channel").isLessThanOrEqualTo(all.size());
    for (int i = 0; i < messagesSoFar.size(); i++) {
      assertThat(messagesSoFar.get(i)).as("event %d of the channel", i).isEqualTo(all.get(i));
    }
  }

  @Override
  public void close() {
    channel.close();
    valkey.close();
  }
}
