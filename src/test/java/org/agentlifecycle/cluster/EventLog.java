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

/** The feed as it is in the store, and what the channel said since this was made. */
final class EventLog implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  /** Time for several sweeps, each of which could publish again what was published. */
  private static final Duration SILENCE = Duration.ofMillis(700);

  private final RedisClient valkey;
  private final String feed;
  private final Subscription channel;

  EventLog(URI store, String namespace) {
    valkey = RedisClient.create(store);
    feed = "{" + namespace + "}:feed";
    channel = new Subscription(store, namespace + ":events");
  }

  /** Every event of the feed, oldest first, as JSON with its id. */
  List<String> feedJson() {
    return valkey.xrange(feed, "-", "+").stream().map(EventLog::json).toList();
  }

  /** An entry of the feed as clients get it. */
  static String json(StreamEntry entry) {
    return "{\"id\":\"" + entry.getID() + "\"," + entry.getFields().get("event").substring(1);
  }

  List<JsonNode> feed() {
    return feedJson().stream().map(ApiResponse.JSON::readTree).toList();
  }

  /** The registration and the moves of each agent, oldest first. */
  Map<String, List<JsonNode>> transitions() {
    return feed().stream()
        .filter(event -> event.has("to"))
        .collect(
            Collectors.groupingBy(
                event -> event.path("agentId").asString(),
                LinkedHashMap::new,
                Collectors.toList()));
  }

  /** The ends of sessions. */
  List<JsonNode> cleanups() {
    return feed().stream()
        .filter(event -> event.path("type").asString().equals("agent.cleanup"))
        .toList();
  }

  /** The channel has brought what the feed holds, in its order, each event once. */
  void assertChannelEqualsFeed() {
    await()
        .atMost(TIMEOUT)
        .during(SILENCE)
        .failFast(this::assertHeardBeginsAsTheFeed)
        .until(() -> channel.heard().size() == feedJson().size());
  }

  private void assertHeardBeginsAsTheFeed() {
    List<String> messagesSoFar = channel.heard();
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
