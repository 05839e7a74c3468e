package org.agentlifecycle.valkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.agentlifecycle.admission.AdmissionSettings;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentQuery;
import org.agentlifecycle.agent.AgentSettings;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.agent.LifecycleException.Reason;
import org.agentlifecycle.agent.RegisterResult;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.agent.TransitionResult;
import org.agentlifecycle.harness.EmbeddedStore;
import org.agentlifecycle.session.SessionSettings;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.RedisClient;

/**
 * Stores that are missing, paused, full, replicas, or that reject the user: every call ends in
 * time, reports its outcome, and succeeds again when the store does.
 */
@Timeout(120)
class StoreFaultsTest {

  /** A call ends within the timeouts of {@link ValkeyClient}; a busy machine may be slower. */
  private static final Duration SOON = Duration.ofSeconds(5);

  private static final Duration RECOVERY = Duration.ofSeconds(30);

  /**
   * Persistence that keeps acknowledged changes. With {@code everysec} the store may reply before
   * it has written, if the disk is busy.
   */
  private static final String[] DURABLE = {"--appendonly", "yes", "--appendfsync", "always"};

  private final List<AutoCloseable> opened = new ArrayList<>();

  private <T extends AutoCloseable> T opened(T resource) {
    opened.add(0, resource);
    return resource;
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable resource : opened) {
      resource.close();
    }
  }

  /** Only the service is connected through this proxy. */
  private static final class ApiTestBase implements AutoCloseable {
    private final ValkeyClient connection;
    private final FunctionLibrary functions;
    private final ValkeyAgentStore agents;

    ApiTestBase(URI uri) {
      ValkeySettings settings = new ValkeySettings(uri.toString(), "agents");
      connection = new ValkeyClient(settings);
      functions = new FunctionLibrary(connection, settings);
      agents =
          new ValkeyAgentStore(
              functions,
              new AgentSettings(Duration.ZERO, Duration.ofDays(7), Duration.ofDays(1)),
              new SessionSettings(Duration.ofHours(1), Optional.empty()),
              new AdmissionSettings(0));
    }

    boolean register(String id) {
      return agents.register(new Registration(id, "task-1", Map.of(), null, null, null), null)
          instanceof RegisterResult.Registered;
    }

    TransitionResult move(String id, AgentStatus to) {
      return agents.move(id, TransitionRequest.to(to), to.sources(), null);
    }

    @Override
    public void close() {
      connection.close();
    }
  }

  private static LifecycleException failure(Runnable call) {
    long start = System.nanoTime();
    LifecycleException failure = catchThrowableOfType(LifecycleException.class, call::run);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(SOON);
    assertThat(failure).isNotNull();
    return failure;
  }

  private static void isUnavailable(Runnable call, int retryAfterSeconds) {
    LifecycleException unavailable = failure(call);
    assertThat(unavailable.reason()).isEqualTo(Reason.STORE_UNAVAILABLE);
    assertThat(unavailable.retryAfter()).isEqualTo(Duration.ofSeconds(retryAfterSeconds));
  }

  private static void succeedsAgain(Callable<Boolean> call) {
    Awaitility.await()
        .atMost(RECOVERY)
        .pollInterval(Duration.ofMillis(20))
        .ignoreExceptionsInstanceOf(LifecycleException.class)
        .until(call);
  }

  private static URI nobodyThere() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return URI.create("redis://127.0.0.1:" + socket.getLocalPort());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // Missing
  // ----------------------------------------------------------------------------------------

  @Test
  void missingStoreIsUnavailableForWritesAndReads() {
    ApiTestBase service = opened(new ApiTestBase(nobodyThere()));
    isUnavailable(() -> service.register("a-1"), 1);
    isUnavailable(() -> service.agents.find("a-1"), 1);
    isUnavailable(() -> service.functions.write("ready"), 1);
  }

  @Test
  void storeThatStartsLaterIsFoundWithoutARestart() {
    EmbeddedStore valkey = opened(EmbeddedStore.start());
    valkey.stop();
    ApiTestBase service = opened(new ApiTestBase(valkey.uri()));
    isUnavailable(() -> service.register("a-1"), 1);
    valkey.restart();
    succeedsAgain(() -> service.register("a-1"));
  }

  /** With {@code everysec} a store with a slow disk replies before it has written. */
  @Test
  void acknowledgedChangesSurviveAKillOfTheStore() {
    EmbeddedStore valkey = opened(EmbeddedStore.start(DURABLE));
    ApiTestBase service = opened(new ApiTestBase(valkey.uri()));
    List<Agent> acknowledged = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      service.register("a-" + i);
      if (service.move("a-" + i, AgentStatus.RUNNING) instanceof TransitionResult.Applied moved) {
        acknowledged.add(moved.transition().agent());
      }
    }
    valkey.kill();
    isUnavailable(() -> service.agents.stats(), 1);
    valkey.restart();
    assertThat(acknowledged)
        .hasSize(200)
        .allSatisfy(
            agent ->
                assertThat(service.agents.find(agent.agentId()))
                    .as("no 504 either")
                    .contains(agent));
    assertThat(service.agents.stats().running()).isEqualTo(200);
  }

  /** Each idle connection fails once after a restart; reads are repeated. */
  @Test
  void readsSurviveARestartOfTheStore() throws Exception {
    EmbeddedStore valkey = opened(EmbeddedStore.start(DURABLE));
    ApiTestBase service = opened(new ApiTestBase(valkey.uri()));
    service.register("a-1");
    ExecutorService readers = Executors.newFixedThreadPool(16);
    try {
      List<Callable<Boolean>> reads =
          IntStream.range(0, 64)
              .<Callable<Boolean>>mapToObj(i -> () -> service.agents.find("a-1").isPresent())
              .toList();
      for (int round = 0; round < 3; round++) {
        for (Future<Boolean> found : readers.invokeAll(reads)) {
          assertThat(found.get()).isTrue();
        }
        valkey.kill();
        valkey.restart();
      }
      for (Future<Boolean> found : readers.invokeAll(reads)) {
        assertThat(found.get()).isTrue();
      }
    } finally {
      readers.shutdown();
    }
  }

  @Test
  void writeAfterARestartFailsAtMostOnceAndIsSentOnce() throws Exception {
    EmbeddedStore valkey = opened(EmbeddedStore.start(DURABLE));
    ApiTestBase service = opened(new ApiTestBase(valkey.uri()));
    openAllConnections(service, valkey);
    service.register("a-1");
    valkey.kill();
    valkey.restart();
    LifecycleException unknown =
        catchThrowableOfType(LifecycleException.class, () -> service.register("a-2"));
    if (unknown != null) {
      assertThat(unknown.reason()).isEqualTo(Reason.OUTCOME_UNKNOWN);
    }
    for (int i = 3; i < 20; i++) {
      assertThat(service.register("a-" + i)).isTrue();
    }
    assertThat(service.agents.stats().spawning()).isEqualTo(unknown == null ? 19 : 18);
  }

  private static void openAllConnections(ApiTestBase service, EmbeddedStore store)
      throws Exception {
    whileAllConnectionsAreBusy(service, store, () -> {});
  }

  @Test
  void droppedConnectionsAreReplaced() {
    EmbeddedStore valkey = opened(EmbeddedStore.start());
    ApiTestBase service = opened(new ApiTestBase(valkey.uri()));
    RedisClient admin = opened(RedisClient.create(valkey.uri()));
    service.register("a-1");
    for (int i = 0; i < 5; i++) {
      ValkeyCommands.type(admin, Command.CLIENT, "KILL", "TYPE", "normal", "SKIPME", "yes");
      assertThat(service.agents.find("a-1")).isPresent();
    }
  }

  // Paused --------------------------------------------------------------------------------------

  @Test
  void pausedStoreRejectsCallsInTimeAndWorksAfterwards() throws Exception {
    EmbeddedStore valkey = opened(EmbeddedStore.start());
    ApiTestBase service = opened(new ApiTestBase(valkey.uri()));
    service.register("a-0");
    valkey.pause();
    ExecutorService callers = Executors.newFixedThreadPool(64);
    List<Reason> reasons = new ArrayList<>();
    try {
      List<Callable<Reason>> calls =
          IntStream.range(1, 65)
              .<Callable<Reason>>mapToObj(
                  i -> () -> failure(() -> service.register("a-" + i)).reason())
              .toList();
      for (Future<Reason> reason : callers.invokeAll(calls)) {
        reasons.add(reason.get());
      }
    } finally {
      callers.shutdown();
    }
    assertThat(reasons).containsOnly(Reason.OUTCOME_UNKNOWN, Reason.STORE_UNAVAILABLE);
    long unknown = reasons.stream().filter(Reason.OUTCOME_UNKNOWN::equals).count();
    valkey.resume();
    succeedsAgain(() -> service.agents.find("a-0").isPresent());
    // A rejected call changed nothing; a call with an unknown outcome may be applied.
    assertThat(service.agents.stats().spawning()).isBetween(1L, 1 + unknown);
    succeedsAgain(() -> service.register("a-99"));
  }

  @Test
  void readOfAPausedStoreIsNeverUnknown() {
    EmbeddedStore valkey = opened(EmbeddedStore.start());
    ApiTestBase service = opened(new ApiTestBase(valkey.uri()));
    service.register("a-1");
    valkey.pause();
    for (int i = 0; i < 3; i++) {
      isUnavailable(() -> service.agents.find("a-1"), 1);
    }
    valkey.resume();
    succeedsAgain(() -> service.agents.find("a-1").isPresent());
  }

  @Test
  void writeWithoutConnectionIsShedAndChangesNothing() throws Exception {
    EmbeddedStore valkey = opened(EmbeddedStore.start());
    ApiTestBase service = opened(new ApiTestBase(valkey.uri()));
    service.register("a-1");
    openAllConnections(service, valkey); // because the busy calls must overlap for a while
    whileAllConnectionsAreBusy(
        service, valkey, () -> isUnavailable(() -> service.register("a-2"), 1));
    assertThat(service.agents.find("a-2")).isEmpty();
    assertThat(service.register("a-2")).isTrue();
  }

  @Test
  void busyConnectionsDoNotMakeTheServerUnready() throws Exception {
    EmbeddedStore valkey = opened(EmbeddedStore.start());
    ApiTestBase service = opened(new ApiTestBase(valkey.uri()));
    service.register("a-1");
    whileAllConnectionsAreBusy(
        service,
        valkey,
        () -> assertThat(service.functions.checkReady("")).startsWith("agents_v1_"));
  }

  @Test
  void busyRequestsStopNeitherListingsNorBackgroundWork() throws Exception {
    EmbeddedStore valkey = opened(EmbeddedStore.start());
    ApiTestBase service = opened(new ApiTestBase(valkey.uri()));
    service.register("a-1");
    AgentQuery all = new AgentQuery(Set.of(), null, Map.of(), null, 10, AgentQuery.NEWEST);
    whileAllConnectionsAreBusy(
        service,
        valkey,
        () -> {
          assertThat(service.agents.list(all).items()).hasSize(1);
          assertThat(service.functions.readInBackground("running_kills")).isEmpty();
        });
  }

  @Test
  void singleTimeoutRejectsNoOtherCall() {
    EmbeddedStore valkey = opened(EmbeddedStore.start());
    ApiTestBase service = opened(new ApiTestBase(valkey.uri()));
    service.register("a-1");
    assertThat(failure(() -> timeOut(service)).reason()).isEqualTo(Reason.OUTCOME_UNKNOWN);
    assertThat(service.register("a-2")).isTrue();
    assertThat(failure(() -> timeOut(service)).reason()).isEqualTo(Reason.OUTCOME_UNKNOWN);
    assertThat(service.register("a-3")).isTrue();
  }

  @Test
  void secondTimeoutInSuccessionRejectsOtherCalls() {
    EmbeddedStore valkey = opened(EmbeddedStore.start());
    ApiTestBase service = opened(new ApiTestBase(valkey.uri()));
    service.register("a-1");
    failure(() -> timeOut(service));
    failure(() -> timeOut(service));
    isUnavailable(() -> service.register("a-2"), 1);
    assertThat(service.functions.checkReady("")).startsWith("agents_v1_");
    succeedsAgain(() -> service.register("a-2"));
  }

  /** A call whose reply comes too late. */
  private static void timeOut(ApiTestBase service) {
    block(service);
  }

  /** A call that keeps its connection busy, and no other, until a value is pushed. */
  private static Object block(ApiTestBase service) {
    CommandArguments call = new CommandArguments(Command.BLPOP).key("pushed").add(2);
    return service.connection.write(sender -> sender.send(call));
  }

  /** One connection detects the timeout; otherwise each connection would wait for its own. */
  @Test
  void idleConnectionsDoNotDelayTheDetectionOfAPausedStore() throws Exception {
    EmbeddedStore valkey = opened(EmbeddedStore.start());
    ApiTestBase service = opened(new ApiTestBase(valkey.uri()));
    service.register("a-1");
    whileAllConnectionsAreBusy(service, valkey, () -> {});
    Thread.sleep(1200); // from then on an idle connection is tried before it is trusted
    valkey.pause();
    isUnavailable(() -> service.register("a-2"), 1);
    valkey.resume();
    succeedsAgain(() -> service.register("a-2"));
  }

  /** The body must be short, otherwise the calls on the connections have no reply in time. */
  private static void whileAllConnectionsAreBusy(
      ApiTestBase service, EmbeddedStore valkey, Runnable body) throws Exception {
    int connections = ValkeyClient.REQUEST_CONNECTIONS;
    ExecutorService holders = Executors.newFixedThreadPool(connections);
    try (RedisClient admin = RedisClient.create(valkey.uri())) {
      List<Future<Object>> holding = new ArrayList<>();
      for (int i = 1; i <= connections; i++) {
        holding.add(holders.submit(() -> block(service)));
        String blocked = "blocked_clients:" + i;
        Awaitility.await()
            .pollInterval(Duration.ofMillis(1))
            .until(() -> admin.info("clients").contains(blocked));
      }
      body.run();
      for (Future<Object> done : holding) {
        admin.lpush("pushed", "value");
        done.get();
      }
    } finally {
      holders.shutdown();
    }
  }

  // Rejecting -----------------------------------------------------------------------------------

  /** A store with a changeable fault, and a service that is connected to it. */
  private final class Unwilling {
    private final EmbeddedStore valkey = opened(EmbeddedStore.start());
    private final RedisClient admin = opened(RedisClient.create(valkey.uri()));
    private final ApiTestBase service = opened(new ApiTestBase(valkey.uri()));

    Unwilling() {
      service.register("a-1");
    }

    void config(String key, String value) {
      admin.configSet(key, value);
    }

    void refuses(int retryAfterSeconds) {
      Map<String, String> before = StoreSnapshot.of(admin);
      isUnavailable(() -> service.move("a-1", AgentStatus.RUNNING), retryAfterSeconds);
      isUnavailable(() -> service.register("a-2"), retryAfterSeconds);
      isUnavailable(() -> service.functions.write("ready"), retryAfterSeconds);
      assertThat(StoreSnapshot.of(admin)).isEqualTo(before);
    }

    void reads() {
      assertThat(service.agents.find("a-1")).isPresent();
    }

    void recovers() {
      succeedsAgain(() -> service.register("a-2"));
      assertThat(service.move("a-1", AgentStatus.RUNNING))
          .isInstanceOf(TransitionResult.Applied.class);
    }
  }

  @Test
  void replicaAcceptsReadsAndRejectsWrites() {
    Unwilling store = new Unwilling();
    ValkeyCommands.type(
        store.admin, Command.REPLICAOF, "127.0.0.1", Integer.toString(nobodyThere().getPort()));
    store.refuses(1);
    store.reads();
    ValkeyCommands.type(store.admin, Command.REPLICAOF, "NO", "ONE");
    store.recovers();
  }

  /** The first connection that reports the old primary ends all of them. */
  @Test
  void writesReachTheNewPrimaryAfterAFailover() throws Exception {
    EmbeddedStore old = opened(EmbeddedStore.start());
    EmbeddedStore promoted = opened(EmbeddedStore.start());
    TcpProxy address = opened(new TcpProxy(old.port()));
    ApiTestBase service = opened(new ApiTestBase(address.uri()));
    openAllConnections(service, old);
    service.register("a-1");
    RedisClient admin = opened(RedisClient.create(old.uri()));
    ValkeyCommands.type(
        admin, Command.REPLICAOF, "127.0.0.1", Integer.toString(nobodyThere().getPort()));
    address.forwardTo(promoted.port());
    isUnavailable(() -> service.register("a-2"), 1);
    for (int i = 2; i < 20; i++) {
      assertThat(service.register("a-" + i)).isTrue();
    }
  }

  @Test
  void replicaWithoutPrimaryMayRejectReads() {
    Unwilling store = new Unwilling();
    store.config("replica-serve-stale-data", "no");
    ValkeyCommands.type(
        store.admin, Command.REPLICAOF, "127.0.0.1", Integer.toString(nobodyThere().getPort()));
    isUnavailable(() -> store.service.agents.find("a-1"), 2);
    ValkeyCommands.type(store.admin, Command.REPLICAOF, "NO", "ONE");
    store.recovers();
  }

  @Test
  void fullStoreAcceptsReadsAndRejectsWrites() {
    Unwilling store = new Unwilling();
    store.config("maxmemory", "1");
    store.refuses(30);
    store.reads();
    store.config("maxmemory", "0");
    store.recovers();
  }

  @Test
  void primaryWithoutReplicasRejectsWrites() {
    Unwilling store = new Unwilling();
    store.config("min-replicas-to-write", "1");
    store.refuses(5);
    store.reads();
    store.config("min-replicas-to-write", "0");
    store.recovers();
  }

  @Test
  void storeWithAnotherPasswordIsUnavailable() {
    Unwilling store = new Unwilling();
    store.config("requirepass", "secret");
    ApiTestBase stranger = opened(new ApiTestBase(store.valkey.uri()));
    isUnavailable(() -> stranger.register("a-3"), 30);
    isUnavailable(() -> stranger.agents.find("a-1"), 30);
    ApiTestBase wrong = opened(new ApiTestBase(withUser(store.valkey, "default:wrong")));
    isUnavailable(() -> wrong.register("a-3"), 30);
    assertThat(failure(() -> wrong.register("a-3")))
        .hasMessageNotContaining("wrong")
        .hasMessageNotContaining("127.0.0.1");
    ApiTestBase known = opened(new ApiTestBase(withUser(store.valkey, "default:secret")));
    assertThat(known.register("a-3")).isTrue();
  }

  @Test
  void userWithoutPermissionIsUnavailable() {
    Unwilling store = new Unwilling();
    ValkeyCommands.type(
        store.admin,
        Command.ACL,
        "SETUSER",
        "reader",
        "on",
        ">secret",
        "~*",
        "&*",
        "+@all",
        "-fcall");
    ApiTestBase reader = opened(new ApiTestBase(withUser(store.valkey, "reader:secret")));
    isUnavailable(() -> reader.register("a-3"), 30);
    assertThat(reader.agents.find("a-1")).isPresent();
  }

  private static URI withUser(EmbeddedStore valkey, String userInfo) {
    return URI.create("redis://" + userInfo + "@127.0.0.1:" + valkey.port());
  }

  @Test
  void storeWithTheMaximumOfClientsIsUnavailable() {
    Unwilling store = new Unwilling();
    store.config("maxclients", "1");
    ApiTestBase late = opened(new ApiTestBase(store.valkey.uri()));
    LifecycleException refused = failure(() -> late.register("a-3"));
    assertThat(refused.reason()).isEqualTo(Reason.STORE_UNAVAILABLE);
    store.config("maxclients", "100");
    succeedsAgain(() -> late.register("a-3"));
  }
}
