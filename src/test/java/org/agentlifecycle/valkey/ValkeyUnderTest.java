package org.agentlifecycle.valkey;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentStore;
import org.agentlifecycle.contract.StoreUnderTest;
import org.agentlifecycle.feed.FeedSettings;
import org.agentlifecycle.feed.FeedStore;
import org.agentlifecycle.harness.TestStore;
import org.agentlifecycle.session.SessionSettings;
import org.agentlifecycle.session.SessionStore;
import redis.clients.jedis.RedisClient;

/** The store objects of one server, on a namespace of a Valkey; and a look behind them. */
final class ValkeyUnderTest implements StoreUnderTest {
  private final URI uri;
  private final URI admin;
  private final String namespace;
  private final Duration cleanupDelay;
  private final ValkeyConnection connection;
  private final FunctionLibrary functions;
  private final ValkeyAgentStore agents;
  private final ValkeySessionStore sessions;
  private final ValkeyFeedStore feed;
  private final RedisClient client;
  private final Subscription channel;

  private ValkeyUnderTest(
      URI uri, URI admin, String namespace, Duration cleanupDelay, long maxEvents) {
    this.uri = uri;
    this.admin = admin;
    this.namespace = namespace;
    this.cleanupDelay = cleanupDelay;
    ValkeySettings settings = new ValkeySettings(uri, namespace);
    connection = new ValkeyConnection(settings);
    functions = new FunctionLibrary(connection, settings);
    agents = new ValkeyAgentStore(functions, new SessionSettings(cleanupDelay));
    sessions = new ValkeySessionStore(functions);
    feed = new ValkeyFeedStore(functions, new FeedSettings(maxEvents));
    client = RedisClient.create(admin);
    channel = new Subscription(admin, functions.channel());
  }

  /** A namespace of its own on that store. */
  static ValkeyUnderTest on(URI uri, Duration cleanupDelay) {
    return on(uri, uri, newNamespace(), cleanupDelay, 1_000_000);
  }

  /**
   * @param uri how the service reaches the store
   * @param admin how the test does
   */
  static ValkeyUnderTest on(
      URI uri, URI admin, String namespace, Duration cleanupDelay, long maxEvents) {
    return new ValkeyUnderTest(uri, admin, namespace, cleanupDelay, maxEvents);
  }

  static String newNamespace() {
    return TestStore.namespace(UUID.randomUUID().toString().substring(0, 13));
  }

  /** The store objects of another server on the same namespace. */
  ValkeyUnderTest secondServer() {
    return new ValkeyUnderTest(uri, admin, namespace, cleanupDelay, 1_000_000);
  }

  /** As a person at the console: not what the service sees. */
  RedisClient client() {
    return client;
  }

  ValkeyConnection connection() {
    return connection;
  }

  FunctionLibrary functions() {
    return functions;
  }

  /** The full name of a key of this namespace. */
  String key(String name) {
    return "{" + namespace + "}:" + name;
  }

  @Override
  public AgentStore agents() {
    return agents;
  }

  @Override
  public SessionStore sessions() {
    return sessions;
  }

  @Override
  public FeedStore feed() {
    return feed;
  }

  @Override
  public List<AgentEvent> events() {
    return feedJson().stream().map(EventJson::read).toList();
  }

  /** Every event of the feed, as the channel should say it. */
  List<String> feedJson() {
    return client.xrange(key("feed"), "-", "+").stream()
        .map(
            entry ->
                "{\"id\":\"" + entry.getID() + "\"," + entry.getFields().get("event").substring(1))
        .toList();
  }

  @Override
  public List<AgentEvent> published() {
    return publishedJson().stream().map(EventJson::read).toList();
  }

  List<String> publishedJson() {
    return channel.soFar(client);
  }

  @Override
  public void close() {
    channel.close();
    client.close();
    connection.close();
  }
}
