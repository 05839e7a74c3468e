package org.agentlifecycle.valkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.agentlifecycle.admission.Admission;
import org.agentlifecycle.agent.AgentQuery;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.AgentVersion;
import org.agentlifecycle.agent.Ending;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.agent.LifecycleException.Reason;
import org.agentlifecycle.agent.RawJson;
import org.agentlifecycle.agent.RegisterResult;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.agent.TransitionResult;
import org.agentlifecycle.contract.StoreSettings;
import org.agentlifecycle.feed.EventId;
import org.agentlifecycle.harness.EmbeddedStore;
import org.agentlifecycle.kill.KillRequest;
import org.agentlifecycle.kill.StartKillResult;
import org.agentlifecycle.session.EndSessionResult;
import org.agentlifecycle.session.HeartbeatResult;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import redis.clients.jedis.RedisClient;

/** Each call is one round trip and is atomic. Counts commands in a private store. */
class FunctionStepTest {
  private static final KillRequest ALL = new KillRequest(null, null, Map.of(), "enough", false);
  private static final IdempotencyKey KEY = new IdempotencyKey("key", "content", "text");

  private static EmbeddedStore valkey;

  private ValkeyUnderTest store;
  private RedisClient client;

  @BeforeAll
  static void start() {
    valkey = EmbeddedStore.start();
  }

  @AfterAll
  static void stop() {
    valkey.close();
  }

  /**
   * Registers one agent of each kind: spawning, running, with an expired lease, and final with a
   * due session. A running kill matches all agents except the last one.
   */
  @BeforeEach
  void registerAgents() {
    store =
        ValkeyUnderTest.on(
            valkey.uri(),
            StoreSettings.QUIET.cleanupAfter(Duration.ZERO).keepingFinals(Duration.ofMillis(1)));
    client = store.client();
    client.flushAll();
    store.sessions().expireLeases(1, StoreSettings.NEVER);
    register("spawning");
    register("running");
    move("running", AgentStatus.RUNNING);
    register("final");
    move("final", AgentStatus.KILLED);
    register("silent", Duration.ofMillis(1), null);
    store.kills().start("k-0", ALL, null);
    awaitAfter(Duration.ofMillis(2));
  }

  private void awaitAfter(Duration time) {
    Instant end = store.now().plus(time);
    while (!store.now().isAfter(end)) {
      LockSupport.parkNanos(500_000);
    }
  }

  @AfterEach
  void close() {
    store.close();
  }

  private boolean register(String id) {
    return register(id, null, null) instanceof RegisterResult.Registered;
  }

  private RegisterResult register(String id, Duration lease, IdempotencyKey key) {
    Map<String, String> labels = Map.of("team", "search");
    return store.agents().register(new Registration(id, "task-1", labels, null, null, lease), key);
  }

  private TransitionResult move(String id, AgentStatus to) {
    return store.agents().move(id, TransitionRequest.to(to), to.sources(), null);
  }

  private long info(String section, String name) {
    Matcher line =
        Pattern.compile("(?m)^" + Pattern.quote(name) + "(\\d+)").matcher(client.info(section));
    return line.find() ? Long.parseLong(line.group(1)) : 0;
  }

  private long roundTrips() {
    return info("stats", "total_reads_processed:");
  }

  // One round trip --------------------------------------------------------------------------------

  /** The store counts its reads from clients: one for each call of the service. */
  @Test
  void transitionIsOneRoundTripAndOneCall() {
    ValkeyCommands.resetCounters(client);
    long before = roundTrips();
    int agents = 100;
    for (int i = 0; i < agents; i++) {
      register("a-" + i);
      move("a-" + i, AgentStatus.RUNNING);
      move("a-" + i, AgentStatus.COMPLETED);
    }
    long theTestsOwn = 1;
    assertThat(roundTrips() - before).isEqualTo(3L * agents + theTestsOwn);
    assertThat(info("commandstats", "cmdstat_fcall:calls=")).isEqualTo(3L * agents);
  }

  @Test
  void rejectionIsOneRoundTrip() {
    long before = roundTrips();
    move("final", AgentStatus.RUNNING);
    assertThat(roundTrips() - before).isEqualTo(2);
  }

  @Test
  void readsCallReadOnlyFunctionsOnly() {
    ValkeyCommands.resetCounters(client);
    readEverything();
    assertThat(info("commandstats", "cmdstat_fcall:calls=")).isZero();
    assertThat(info("commandstats", "cmdstat_fcall_ro:calls=")).isEqualTo(12);
  }

  private void readEverything() {
    store.kills().findKill("k-0");
    store.kills().runningKills();
    store.admission().get();
    store.feed().read(EventId.BEGINNING, 10);
    store.feed().lastEventId();
    store.agents().find("running");
    store.agents().history("running");
    store.agents().stats();
    store.sessions().findSession("running");
    store.agents().list(new AgentQuery(Set.of(), null, Map.of(), null, 10, AgentQuery.NEWEST));
    store.agents().list(new AgentQuery(Set.of(), null, Map.of(), false, 10, AgentQuery.NEWEST));
    store
        .agents()
        .list(
            new AgentQuery(
                Set.of(AgentStatus.RUNNING),
                "task-1",
                Map.of("team", Set.of("search")),
                true,
                10,
                AgentQuery.NEWEST));
  }

  @Test
  void keysAndScanAreNotCalled() {
    ValkeyCommands.resetCounters(client);
    readEverything();
    register("a-1");
    move("a-1", AgentStatus.KILLED);
    store.sessions().replaceContext("a-1", new RawJson("{}"));
    store.sessions().endSession("a-1");
    store.sessions().cleanUpDueSessions(10).results();
    store.sessions().heartbeat("running", Duration.ofHours(1));
    store.sessions().expireLeases(10, StoreSettings.NEVER);
    store.kills().step("k-0", 10, AgentStatus.KILLED.sources());
    store.sessions().purge(10);
    store.feed().forward(100);
    store.functions().write("ready");
    assertThat(client.info("commandstats"))
        .contains("cmdstat_zrange:", "cmdstat_xtrim:")
        .doesNotContainPattern("cmdstat_(\\w*scan|keys|randomkey|hgetall|hkeys|smembers):");
  }

  // All or nothing --------------------------------------------------------------------------------

  private void assertRejected(Runnable call) {
    Map<String, String> before = StoreSnapshot.of(client);
    call.run();
    assertThat(StoreSnapshot.of(client)).isEqualTo(before);
  }

  @Test
  void rejectedCallWritesNothing() {
    assertRejected(() -> assertThat(register("running")).isFalse());
    assertRejected(() -> assertThat(register("final")).isFalse());
    assertRejected(() -> register("final", Duration.ofHours(1), KEY));
    assertRejected(
        () ->
            assertThat(store.sessions().heartbeat("final", Duration.ofHours(1)))
                .isEqualTo(
                    new HeartbeatResult.Finished(
                        new Ending(AgentStatus.KILLED, null, null, null))));
    assertRejected(() -> store.sessions().heartbeat("a-0", Duration.ofHours(1)));
    assertRejected(() -> store.sessions().replaceContext("a-0", new RawJson("{}")));
    assertRejected(() -> store.kills().step("k-none", 10, AgentStatus.KILLED.sources()));
    for (AgentStatus to : List.of(AgentStatus.SPAWNING, AgentStatus.RUNNING)) {
      assertRejected(
          () ->
              assertThat(move("final", to))
                  .isEqualTo(new TransitionResult.Illegal(AgentStatus.KILLED)));
    }
    TransitionRequest stale =
        new TransitionRequest(AgentStatus.RUNNING, null, null, Set.of(new AgentVersion(4, 0, 1)));
    assertRejected(
        () ->
            assertThat(store.agents().move("spawning", stale, AgentStatus.RUNNING.sources(), null))
                .isEqualTo(new TransitionResult.VersionMismatch(1)));
    assertRejected(
        () ->
            assertThat(move("a-0", AgentStatus.KILLED)).isEqualTo(new TransitionResult.NotFound()));
    assertRejected(
        () ->
            assertThat(store.sessions().endSession("running"))
                .isEqualTo(new EndSessionResult.NotFinished(AgentStatus.RUNNING)));
    assertRejected(
        () ->
            assertThat(store.sessions().endSession("a-0"))
                .isEqualTo(new EndSessionResult.AgentNotFound()));
    store.sessions().cleanUpDueSessions(10).results();
    assertRejected(
        () ->
            assertThat(store.sessions().endSession("final"))
                .isEqualTo(new EndSessionResult.SessionNotFound()));
    store.sessions().purge(10);
    assertRejected(() -> assertThat(store.sessions().purge(10).scanned()).isZero());
    assertRejected(() -> move("final", AgentStatus.KILLED));
    assertAdmissionAndKeyRejectionsWriteNothing();
    assertRejected(() -> assertThat(store.sessions().cleanUpDueSessions(10).results()).isEmpty());
    store.feed().forward(100);
    assertRejected(() -> assertThat(store.feed().forward(100).published()).isZero());
    assertRejected(() -> store.functions().write("ready"));
    assertRejected(this::readEverything);
  }

  private void assertAdmissionAndKeyRejectionsWriteNothing() {
    register("keyed", null, KEY);
    IdempotencyKey other = new IdempotencyKey("key", "another content", "another text");
    assertRejected(
        () ->
            assertThat(register("keyed", null, KEY)).isInstanceOf(RegisterResult.Registered.class));
    assertRejected(
        () -> assertThat(register("new", null, other)).isEqualTo(new RegisterResult.KeyReused()));
    assertRejected(
        () ->
            assertThat(store.kills().start("k-1", ALL, other))
                .isEqualTo(new StartKillResult.KeyReused()));
    store.admission().set(new Admission(true, 1));
    assertRejected(
        () ->
            assertThat(register("new", null, new IdempotencyKey("other", "x", "x")))
                .isEqualTo(new RegisterResult.AdmissionLimitReached(1)));
    store.admission().set(new Admission(false, 0));
    assertRejected(
        () ->
            assertThat(register("new", null, null))
                .isEqualTo(new RegisterResult.AdmissionClosed()));
  }

  private static final Map<String, Consumer<FunctionStepTest>> CALLS = new LinkedHashMap<>();
  private static final Map<String, List<String>> KEYS = new LinkedHashMap<>();

  private static void call(String name, Consumer<FunctionStepTest> call, String... keys) {
    CALLS.put(name, call);
    KEYS.put(name, List.of(keys));
  }

  static {
    call(
        "register",
        test -> test.register("new", Duration.ofHours(1), KEY),
        "seq",
        "agents",
        "status:spawning",
        "task:task-1",
        "label:team:search",
        "sessions",
        "leases",
        "admission",
        "once:key",
        "feed");
    call(
        "move",
        test ->
            test.store
                .agents()
                .move(
                    "running",
                    TransitionRequest.to(AgentStatus.COMPLETED),
                    AgentStatus.COMPLETED.sources(),
                    KEY),
        "agent:running",
        "status:running",
        "status:completed",
        "cleanups",
        "leases",
        "finals",
        "kills",
        "once:key",
        "feed");
    call(
        "heartbeat",
        test -> test.store.sessions().heartbeat("running", Duration.ofHours(1)),
        "agent:running",
        "leases");
    call(
        "expire",
        test -> test.store.sessions().expireLeases(10, StoreSettings.NEVER),
        "status:spawning",
        "status:running",
        "status:failed",
        "cleanups",
        "leases",
        "swept",
        "outages",
        "grace",
        "shortening",
        "damaged",
        "finals",
        "kills",
        "feed");
    call(
        "expire after an outage",
        test -> test.store.sessions().expireLeases(10, Duration.ofMillis(-1)),
        "leases",
        "outages",
        "swept");
    call(
        "purge",
        test -> test.store.sessions().purge(10),
        "agents",
        "damaged",
        "status:killed",
        "sessions",
        "cleanups",
        "finals",
        "feed");
    call(
        "begin_kill",
        test -> test.store.kills().start("k-1", ALL, KEY),
        "seq",
        "kills",
        "kill:k-1",
        "once:key",
        "feed");
    call(
        "step_kill",
        test -> test.store.kills().step("k-0", 10, AgentStatus.KILLED.sources()),
        "status:spawning",
        "status:running",
        "status:killed",
        "cleanups",
        "leases",
        "finals",
        "kills",
        "feed");
    call("admit", test -> test.store.admission().set(new Admission(true, 1)), "admission");
    call(
        "close_session",
        test -> test.store.sessions().endSession("final"),
        "agent:final",
        "sessions",
        "cleanups",
        "feed");
    call(
        "set_context",
        test -> test.store.sessions().replaceContext("running", new RawJson("{}")),
        "agent:running",
        "sessions");
    call(
        "clean_up",
        test -> test.store.sessions().cleanUpDueSessions(10),
        "damaged",
        "sessions",
        "cleanups",
        "feed");
    call(
        "check_records",
        test -> test.store.sessions().checkRecords(10),
        "agents",
        "damaged",
        "checked");
    call("forward", test -> test.store.feed().forward(10), "feed", "forwarded");
  }

  /** Keys of this type contain text. An unreadable text counts as absent. */
  private static final Set<String> TEXT_KEYS = Set.of("swept", "outages", "grace", "shortening");

  static Stream<Arguments> everyKeyOfEveryCall() {
    return KEYS.entrySet().stream()
        .flatMap(
            call ->
                call.getValue().stream()
                    .flatMap(
                        key ->
                            Stream.of("string", "list", "set")
                                .filter(type -> !(type.equals("string") && TEXT_KEYS.contains(key)))
                                .map(type -> arguments(call.getKey(), key, type))));
  }

  /** A freshly loaded library checks the types of the keys with fixed names at its first call. */
  private void plant(String key, String type) {
    client.functionLoadReplace(FunctionNames.code());
    client.del(key);
    switch (type) {
      case "string" -> client.set(key, "planted");
      case "list" -> client.rpush(key, "planted");
      default -> client.sadd(key, "planted");
    }
  }

  /** A function cannot roll back, so it must check every key before its first write. */
  @ParameterizedTest(name = "{0}: a {2} at {1}")
  @MethodSource("everyKeyOfEveryCall")
  void keyOfAnotherTypeIsAFaultAndWritesNothing(String call, String key, String type) {
    plant(store.key(key), type);
    assertFaultWithoutWrites(() -> CALLS.get(call).accept(this));
  }

  private void assertFaultWithoutWrites(Runnable call) {
    Map<String, String> before = StoreSnapshot.of(client);
    LifecycleException fault = catchThrowableOfType(LifecycleException.class, call::run);
    assertThat(fault).isNotNull();
    assertThat(fault.reason()).isIn(Reason.STORE_FAULT, Reason.RECORD_DAMAGED);
    assertThat(fault).hasMessageNotContaining("planted").hasMessageNotContaining("ERR");
    assertThat(StoreSnapshot.of(client)).isEqualTo(before);
  }

  static Stream<Arguments> everyFieldOfEveryCall() {
    return Stream.of("move running", "close_session final", "heartbeat running")
        .map(call -> call.split(" "))
        .flatMap(
            call ->
                Stream.of("version", "task", "seq", "lease")
                    .flatMap(
                        field ->
                            Stream.of("", "planted")
                                .filter(value -> !(field.equals("task") && !value.isEmpty()))
                                .filter(value -> !(field.equals("lease") && value.isEmpty()))
                                .map(value -> arguments(call[0], call[1], field, value))));
  }

  /** The last step kills no agent, so that it writes no event. */
  @Test
  void lastStepOfAKillIsAtomic() {
    store.kills().step("k-0", 10, AgentStatus.KILLED.sources());
    client.del(store.key("kill:k-0")); // otherwise it could expire during the test
    store.kills().start("k-1", ALL, null);
    plant(store.key("kills"), "list");
    assertFaultWithoutWrites(() -> store.kills().step("k-1", 10, AgentStatus.KILLED.sources()));
  }

  @ParameterizedTest(name = "{0}: {2} = \"{3}\"")
  @MethodSource("everyFieldOfEveryCall")
  void damagedRecordIsAFaultAndWritesNothing(
      String call, String agent, String field, String value) {
    if (value.isEmpty()) {
      client.hdel(store.key("agent:" + agent), field);
    } else {
      client.hset(store.key("agent:" + agent), field, value);
    }
    assertFaultWithoutWrites(() -> CALLS.get(call).accept(this));
  }

  /** As after an eviction: the index contains an agent without a record. */
  @Test
  void lostAgentDoesNotStopCleanupOfOthers() {
    register("other");
    move("other", AgentStatus.KILLED);
    client.del(store.key("agent:final"));
    assertThat(store.sessions().cleanUpDueSessions(10).results())
        .extracting("agentId")
        .containsExactly("other");
    assertThat(store.sessions().cleanUpDueSessions(10).results()).isEmpty();
    assertThat(client.zrange(store.key("sessions"), 0, -1))
        .containsExactly("spawning", "running", "silent");
    assertThat(client.zcard(store.key("cleanups"))).isZero();
  }

  @Test
  void lostAgentIsNotListed() {
    client.del(store.key("agent:final"));
    assertThat(
            store
                .agents()
                .list(new AgentQuery(Set.of(), "task-1", Map.of(), null, 10, AgentQuery.NEWEST))
                .items())
        .extracting("agentId")
        .containsExactly("silent", "running", "spawning");
  }

  // Properties of the library ---------------------------------------------------------------------

  @Test
  void everyFunctionHasADescriptionAndItsFlags() {
    String code = LibraryFiles.code();
    client
        .functionList(LibrarySource.load().name())
        .get(0)
        .getFunctions()
        .forEach(
            function -> {
              String name =
                  ((String) function.get("name"))
                      .substring(LibrarySource.load().functionName("").length());
              Matcher header =
                  Pattern.compile("(?m)((?:^--.*\n)+)local function " + name + "\\(").matcher(code);
              assertThat(header.find()).as(name).isTrue();
              assertThat(header.group(1)).as(name).containsPattern("--   reply  ");
              boolean writes =
                  Pattern.compile(
                          "(?:functions\\s*\\.write\\w*\\(|FunctionCall<>\\(|Command\\.FCALL,)\\s*\""
                              + name
                              + "\"")
                      .matcher(LibraryFiles.callers())
                      .find();
              assertThat(function.get("flags").toString().contains("no-writes"))
                  .as(name)
                  .isEqualTo(!writes);
            });
  }

  /** All keys must be in one slot, because functions in a cluster require it. */
  @Test
  void everyKeyStartsWithTheHashTag() {
    store.sessions().cleanUpDueSessions(10).results();
    store.feed().forward(10);
    Set<String> keys = client.keys("*");
    assertThat(keys).hasSizeGreaterThan(10).allMatch(key -> key.startsWith(store.key("")));
  }

  @Test
  void namespacesAreIsolated() {
    try (ValkeyUnderTest other = ValkeyUnderTest.on(valkey.uri(), Duration.ZERO)) {
      assertThat(other.agents().find("running")).isEmpty();
      assertThat(other.sessions().cleanUpDueSessions(10).results()).isEmpty();
      assertThat(other.feed().forward(10).published()).isZero();
      assertThat(
              other
                  .agents()
                  .list(new AgentQuery(Set.of(), null, Map.of(), null, 10, AgentQuery.NEWEST))
                  .items())
          .isEmpty();
    }
  }

  @Test
  void scoreInEveryIndexIsTheSpawnSequence() {
    IntStream.range(0, 5).forEach(i -> register("a-" + i));
    assertThat(client.get(store.key("seq"))).isEqualTo("9");
    assertThat(client.zscore(store.key("agents"), "a-4")).isEqualTo(9.0);
  }
}
