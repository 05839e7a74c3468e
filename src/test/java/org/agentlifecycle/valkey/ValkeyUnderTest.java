package org.agentlifecycle.valkey;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.agentlifecycle.admission.AdmissionSettings;
import org.agentlifecycle.admission.AdmissionStore;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentSettings;
import org.agentlifecycle.agent.AgentStore;
import org.agentlifecycle.batch.BatchStore;
import org.agentlifecycle.contract.StoreSettings;
import org.agentlifecycle.contract.StoreUnderTest;
import org.agentlifecycle.feed.FeedSettings;
import org.agentlifecycle.feed.FeedStore;
import org.agentlifecycle.harness.Subscription;
import org.agentlifecycle.harness.TestStore;
import org.agentlifecycle.kill.KillStore;
import org.agentlifecycle.session.SessionSettings;
import org.agentlifecycle.session.SessionStore;
import org.agentlifecycle.supervision.SupervisionStore;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.RedisClient;

/** Store objects of one server on a namespace of a Valkey, with direct access to the keys. */
final class ValkeyUnderTest implements StoreUnderTest {
  private static final long MAX_EVENTS = 1_000_000;

  private final URI uri;
  private final URI admin;
  private final String namespace;
  private final StoreSettings settings;
  private final ValkeyClient connection;
  private final FunctionLibrary functions;
  private final BlockingFeedReader blockingReader;
  private final ValkeyAgentStore agents;
  private final ValkeySessionStore sessions;
  private final ValkeySupervisionStore supervision;
  private final ValkeyFeedStore feed;
  private final ValkeyKillStore kills;
  private final ValkeyBatchStore batches;
  private final ValkeyAdmissionStore admission;
  private final RedisClient client;
  private final Subscription channel;

  private ValkeyUnderTest(
      URI uri, URI admin, String namespace, StoreSettings settings, long maxEvents) {
    this.uri = uri;
    this.admin = admin;
    this.namespace = namespace;
    this.settings = settings;
    ValkeySettings valkey = new ValkeySettings(uri.toString(), namespace);
    AgentSettings ofAgents =
        new AgentSettings(
            Duration.ZERO,
            settings.retention(),
            settings.idempotencyRetention(),
            settings.defaultTimeouts());
    SessionSettings ofSessions =
        new SessionSettings(settings.cleanupDelay(), Optional.ofNullable(settings.defaultLease()));
    AdmissionSettings ofAdmission = new AdmissionSettings(settings.maxActive());
    connection = new ValkeyClient(valkey);
    functions = new FunctionLibrary(connection, valkey);
    blockingReader = new BlockingFeedReader(connection, valkey);
    agents = new ValkeyAgentStore(functions, ofAgents, ofSessions, ofAdmission);
    sessions = new ValkeySessionStore(functions, ofAgents, ofSessions);
    supervision = new ValkeySupervisionStore(functions, ofAgents, ofSessions);
    feed = new ValkeyFeedStore(functions, blockingReader, new FeedSettings(maxEvents, 0));
    kills = new ValkeyKillStore(functions, ofAgents, ofSessions);
    batches = new ValkeyBatchStore(functions, ofAgents, ofSessions, ofAdmission);
    admission = new ValkeyAdmissionStore(functions, ofAdmission);
    client = RedisClient.create(admin);
    channel = new Subscription(admin, functions.channel());
  }

  /** Creates a new namespace on a store. */
  static ValkeyUnderTest on(URI uri, Duration cleanupDelay) {
    return on(uri, StoreSettings.QUIET.cleanupAfter(cleanupDelay));
  }

  /** Creates a new namespace on a store. */
  static ValkeyUnderTest on(URI uri, StoreSettings settings) {
    return on(uri, uri, newNamespace(), settings);
  }

  /**
   * @param uri address of the store for the service
   * @param admin address of the store for direct access of the test
   */
  static ValkeyUnderTest on(URI uri, URI admin, String namespace, StoreSettings settings) {
    return new ValkeyUnderTest(uri, admin, namespace, settings, MAX_EVENTS);
  }

  /** Creates a new namespace whose feed has a maximum number of events. */
  static ValkeyUnderTest keeping(URI uri, long maxEvents) {
    return new ValkeyUnderTest(
        uri, uri, newNamespace(), StoreSettings.QUIET.cleanupAfter(Duration.ZERO), maxEvents);
  }

  static String newNamespace() {
    return TestStore.namespace(UUID.randomUUID().toString().substring(0, 13));
  }

  @Override
  public ValkeyUnderTest anotherServer() {
    return new ValkeyUnderTest(uri, admin, namespace, settings, MAX_EVENTS);
  }

  /** Returns a client for direct access to the keys, without the service. */
  RedisClient client() {
    return client;
  }

  ValkeyClient connection() {
    return connection;
  }

  FunctionLibrary functions() {
    return functions;
  }

  /** Returns the full name of a key of this namespace. */
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
  public SupervisionStore supervision() {
    return supervision;
  }

  @Override
  public FeedStore feed() {
    return feed;
  }

  @Override
  public KillStore kills() {
    return kills;
  }

  @Override
  public BatchStore batches() {
    return batches;
  }

  @Override
  public AdmissionStore admission() {
    return admission;
  }

  @Override
  public List<AgentEvent> events() {
    return feedJson().stream().map(EventJson::read).toList();
  }

  /** Returns all events of the feed as the messages that the channel must contain. */
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
    return channel.messagesSoFar(client);
  }

  @Override
  public Instant now() {
    List<?> time = (List<?>) client.executeCommand(new CommandArguments(Command.TIME));
    return Instant.ofEpochSecond(
        ReplyReader.number(time.get(0)), 1_000 * ReplyReader.number(time.get(1)));
  }

  @Override
  public void trimFeed(int newest) {
    client.xtrim(key("feed"), newest, false);
  }

  @Override
  public long size() {
    return client.keys(key("*")).size();
  }

  @Override
  public void close() {
    channel.close();
    blockingReader.close();
    client.close();
    connection.close();
  }
}
