package org.agentlifecycle.valkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
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
import org.agentlifecycle.agent.Desired;
import org.agentlifecycle.agent.Ending;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.agent.LifecycleException.Reason;
import org.agentlifecycle.agent.Parent;
import org.agentlifecycle.agent.RawJson;
import org.agentlifecycle.agent.RegisterResult;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.SupervisionFilter;
import org.agentlifecycle.agent.Timeouts;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.agent.TransitionResult;
import org.agentlifecycle.agent.Waiting;
import org.agentlifecycle.contract.StoreSettings;
import org.agentlifecycle.feed.EventId;
import org.agentlifecycle.harness.EmbeddedStore;
import org.agentlifecycle.kill.KillRequest;
import org.agentlifecycle.kill.StartKillResult;
import org.agentlifecycle.session.EndSessionResult;
import org.agentlifecycle.session.HeartbeatResult;
import org.agentlifecycle.supervision.DesiredRequest;
import org.agentlifecycle.supervision.DesiredResult;
import org.agentlifecycle.supervision.WaitingResult;
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
  private static final Waiting INPUT = new Waiting(Waiting.Kind.INPUT, "note", null, null);
  private static final Duration GRACE = Duration.ofHours(1);
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

  private RegisterResult registerChild(String id, String parentId, Duration timeout) {
    return store
        .agents()
        .register(
            new Registration(
                id,
                "task-1",
                Map.of(),
                null,
                null,
                null,
                new Timeouts(timeout, timeout),
                new Parent(parentId, Parent.OnEnd.KILL)),
            null);
  }

  private WaitingResult startWaiting(String id) {
    return store.supervision().startWaiting(id, INPUT, KEY);
  }

  private DesiredResult stop(String id, Duration grace) {
    return store
        .supervision()
        .setDesired(id, new DesiredRequest(Desired.Mode.STOPPED, grace, "stop"), KEY);
  }

  /** Adds agents that are past each deadline, and an ended parent with a dependent. */
  private void registerSupervisedAgents() {
    registerChild("late", "running", Duration.ofMillis(1));
    registerChild("dependent", "running", StoreSettings.NEVER);
    registerChild("waits", "running", StoreSettings.NEVER);
    move("waits", AgentStatus.RUNNING);
    store.supervision().startWaiting("waits", INPUT, null);
    store
        .supervision()
        .setDesired("waits", new DesiredRequest(Desired.Mode.STOPPED, Duration.ZERO, null), null);
    register("parent");
    registerChild("of-parent", "parent", StoreSettings.NEVER);
    move("parent", AgentStatus.KILLED);
    store
        .kills()
        .start("k-2", new KillRequest(null, null, Map.of(), "running", GRACE, null, false), null);
    awaitAfter(Duration.ofMillis(2));
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
    assertThat(info("commandstats", "cmdstat_fcall_ro:calls=")).isEqualTo(13);
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
    SupervisionFilter supervision =
        new SupervisionFilter("running", "running", Set.of(Waiting.Kind.INPUT), Duration.ZERO);
    store
        .agents()
        .list(new AgentQuery(Set.of(), null, Map.of(), null, supervision, 10, AgentQuery.NEWEST));
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
    registerSupervisedAgents();
    store.kills().step("k-2", 10, AgentStatus.KILLED.sources());
    store.supervision().endWaiting("waits", KEY);
    store.supervision().expireDeadlines(10);
    store.supervision().killDependents(10);
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

  @Test
  void rejectedCallOfTheSupervisionWritesNothing() {
    Ending killed = new Ending(AgentStatus.KILLED, null, null, null);
    assertRejected(
        () -> assertThat(startWaiting("final")).isEqualTo(new WaitingResult.Finished(killed)));
    assertRejected(
        () ->
            assertThat(startWaiting("spawning"))
                .isEqualTo(new WaitingResult.NotRunning(AgentStatus.SPAWNING)));
    assertRejected(
        () -> assertThat(startWaiting("a-0")).isEqualTo(new WaitingResult.AgentNotFound()));
    assertRejected(() -> store.supervision().endWaiting("running", null));
    assertRejected(
        () -> assertThat(stop("final", GRACE)).isEqualTo(new DesiredResult.Finished(killed)));
    assertRejected(
        () -> assertThat(stop("a-0", GRACE)).isEqualTo(new DesiredResult.AgentNotFound()));
    assertRejected(
        () ->
            assertThat(registerChild("new", "final", GRACE))
                .isEqualTo(new RegisterResult.ParentNotActive()));
    assertRejected(() -> store.supervision().expireDeadlines(10));
    assertRejected(() -> store.supervision().killDependents(10));
    stop("running", GRACE);
    assertRejected(() -> stop("running", GRACE));
    DesiredRequest pause = new DesiredRequest(Desired.Mode.PAUSED, null, null);
    assertRejected(
        () ->
            assertThat(store.supervision().setDesired("running", pause, null))
                .isEqualTo(new DesiredResult.StopRequested()));
    DesiredRequest later = new DesiredRequest(Desired.Mode.STOPPED, GRACE, "later");
    assertRejected(() -> store.supervision().setDesired("running", later, null));
    store.supervision().startWaiting("running", INPUT, null);
    assertRejected(() -> store.supervision().startWaiting("running", INPUT, null));
    assertRejected(
        () ->
            assertThat(
                    store
                        .supervision()
                        .startWaiting("running", INPUT, new IdempotencyKey("key", "other", "x")))
                .isEqualTo(new WaitingResult.KeyReused()));
    assertRejected(
        () ->
            assertThat(registerChild("new", "running", GRACE))
                .isEqualTo(new RegisterResult.ParentNotActive()));
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
  private static final Set<String> SUPERVISED = new HashSet<>();

  private static void call(String name, Consumer<FunctionStepTest> call, String... keys) {
    CALLS.put(name, call);
    KEYS.put(name, List.of(keys));
  }

  /** A call that needs supervised agents. */
  private static void supervisedCall(String name, Consumer<FunctionStepTest> call, String... keys) {
    call(name, call, keys);
    SUPERVISED.add(name);
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
        "kills-extended",
        "deadlines",
        "waiting",
        "ended-parents",
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
    callsOfTheSupervision();
    call("forward", test -> test.store.feed().forward(10), "feed", "forwarded");
  }

  private static void callsOfTheSupervision() {
    call(
        "register a child",
        test -> test.registerChild("new", "running", GRACE),
        "agent:running",
        "children:running",
        "dependents:running",
        "tree:running",
        "tree:new",
        "deadlines",
        "feed");
    call(
        "set_waiting",
        test -> test.startWaiting("running"),
        "agent:running",
        "waiting",
        "once:key",
        "feed");
    supervisedCall(
        "resume",
        test -> test.store.supervision().endWaiting("waits", KEY),
        "agent:waits",
        "waiting",
        "once:key",
        "feed");
    call(
        "set_desired",
        test -> test.stop("running", GRACE),
        "agent:running",
        "deadlines",
        "once:key",
        "feed");
    supervisedCall(
        "expire_deadlines",
        test -> test.store.supervision().expireDeadlines(10),
        "deadlines",
        "waiting",
        "ended-parents",
        "stopping",
        "kills",
        "kills-extended",
        "status:spawning",
        "status:running",
        "status:failed",
        "status:killed",
        "cleanups",
        "finals",
        "leases",
        "damaged",
        "feed");
    supervisedCall(
        "kill_dependents",
        test -> test.store.supervision().killDependents(10),
        "ended-parents",
        "deadlines",
        "status:killed",
        "cleanups",
        "finals",
        "feed");
    supervisedCall(
        "step_kill of a tree",
        test -> test.store.kills().step("k-2", 10, AgentStatus.KILLED.sources()),
        "tree:running",
        "kills-extended",
        "stopping",
        "deadlines",
        "feed");
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
    if (SUPERVISED.contains(call)) {
      registerSupervisedAgents();
    }
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
                          "(?:functions\\s*\\.write\\w*\\(|FunctionCall<>\\(|Command\\.FCALL,|functionName\\()\\s*\""
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
