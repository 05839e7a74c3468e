package org.agentlifecycle.valkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentQuery;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.CommittedTransition;
import org.agentlifecycle.agent.Desired;
import org.agentlifecycle.agent.DesiredEvent;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.agent.Parent;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.RemoveResult;
import org.agentlifecycle.agent.Stats;
import org.agentlifecycle.agent.Timeouts;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.agent.Waiting;
import org.agentlifecycle.contract.StoreSettings;
import org.agentlifecycle.harness.TestStore;
import org.agentlifecycle.kill.Kill;
import org.agentlifecycle.kill.KillRequest;
import org.agentlifecycle.kill.KillStep;
import org.agentlifecycle.session.AgentSessionPage;
import org.agentlifecycle.session.DamagedRecords;
import org.agentlifecycle.session.Progress;
import org.agentlifecycle.session.SweepResult;
import org.agentlifecycle.supervision.DesiredRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.RedisClient;

/** Lost and damaged records and clock changes must not affect other agents. */
class RecordRepairTest {
  private static final Stats EMPTY = new Stats(0, 0, 0, 0, 0, 0, 0, 0);

  private ValkeyUnderTest store;
  private RedisClient client;

  @BeforeEach
  void open() {
    store =
        ValkeyUnderTest.on(
            TestStore.uri(),
            StoreSettings.QUIET.cleanupAfter(Duration.ZERO).keepingFinals(Duration.ofMillis(1)));
    client = store.client();
    expire();
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void register(String agentId, Duration lease) {
    store
        .agents()
        .register(
            new Registration(agentId, "task-1", Map.of("team", "search"), null, null, lease), null);
  }

  private void move(String agentId, AgentStatus to) {
    store.agents().move(agentId, TransitionRequest.to(to), to.sources(), null);
  }

  private SweepResult<CommittedTransition> expire() {
    return store.sessions().expireLeases(10, StoreSettings.NEVER);
  }

  private static List<String> ids(SweepResult<CommittedTransition> result) {
    return result.results().stream().map(change -> change.agent().agentId()).sorted().toList();
  }

  private void pass(Duration time) {
    Instant end = store.now().plus(time);
    while (!store.now().isAfter(end)) {
      LockSupport.parkNanos(500_000);
    }
  }

  private Instant deadline(String agentId) {
    return store.sessions().findSession(agentId).session().orElseThrow().leaseExpiresAt();
  }

  private String record(String agentId) {
    return store.key("agent:" + agentId);
  }

  static Stream<Arguments> damages() {
    return Stream.of("version", "task", "seq", "status", "spawned")
        .map(
            field ->
                Arguments.of(
                    "without " + field,
                    (Consumer<RecordRepairTest>)
                        test -> test.client.hdel(test.record("a-2"), field)));
  }

  private static Arguments damage(String name, String field, String value) {
    return Arguments.of(
        name,
        (Consumer<RecordRepairTest>) test -> test.client.hset(test.record("a-2"), field, value));
  }

  static Stream<Arguments> allDamages() {
    return Stream.concat(
        damages(),
        Stream.of(
            Arguments.of(
                "with a version that is not a number",
                (Consumer<RecordRepairTest>)
                    test -> test.client.hset(test.record("a-2"), "version", "planted")),
            damage("whose status is unknown", "status", "planted"),
            damage("that Java cannot read", "seq", "0x10"),
            damage("with a damaged time of start", "started", "planted"),
            damage("that is active and completed", "completed", "1"),
            Arguments.of(
                "of another type",
                (Consumer<RecordRepairTest>)
                    test -> {
                      test.client.del(test.record("a-2"));
                      test.client.set(test.record("a-2"), "planted");
                    })));
  }

  // Damaged records -------------------------------------------------------------------------------

  @ParameterizedTest(name = "a record {0}")
  @MethodSource("allDamages")
  void damagedRecordDoesNotStopExpiryOfOtherLeases(String name, Consumer<RecordRepairTest> damage) {
    for (int i = 1; i <= 3; i++) {
      register("a-" + i, Duration.ofMillis(1));
    }
    damage.accept(this);
    pass(Duration.ofMillis(3));
    SweepResult<CommittedTransition> result = expire();
    assertThat(ids(result)).containsExactly("a-1", "a-3");
    assertThat(result.damaged()).containsExactly("a-2");
    assertThat(expire())
        .as("second sweep after the damage was reported")
        .isEqualTo(new SweepResult<>(0, List.of()));
  }

  @ParameterizedTest(name = "a record {0}")
  @MethodSource("allDamages")
  void damagedRecordDoesNotStopKillsAndListings(String name, Consumer<RecordRepairTest> damage) {
    for (int i = 1; i <= 3; i++) {
      register("a-" + i, null);
    }
    damage.accept(this);
    assertThat(
            store
                .agents()
                .list(new AgentQuery(Set.of(), null, Map.of(), null, 10, AgentQuery.NEWEST))
                .items())
        .extracting(Agent::agentId)
        .containsExactly("a-3", "a-1");
    store.kills().start("k-1", new KillRequest(null, null, Map.of(), null, false), null);
    KillStep step = store.kills().step("k-1", 10, AgentStatus.KILLED.sources());
    assertThat(step.done()).isTrue();
    assertThat(step.killed()).hasSize(2);
    assertThat(store.sessions().checkRecords(10).damaged()).containsExactly("a-2");
    assertThat(store.sessions().damagedRecords(10))
        .isEqualTo(new DamagedRecords(1, List.of("a-2")));
  }

  @ParameterizedTest(name = "a record {0}")
  @MethodSource("allDamages")
  void callForADamagedAgentReportsItsId(String name, Consumer<RecordRepairTest> damage) {
    register("a-2", null);
    damage.accept(this);
    List<Runnable> calls =
        List.of(
            () -> store.agents().find("a-2"),
            () -> store.agents().history("a-2"),
            () -> move("a-2", AgentStatus.RUNNING),
            () -> store.sessions().heartbeat("a-2", null),
            () -> store.sessions().endSession("a-2"));
    for (Runnable call : calls) {
      LifecycleException failure = catchThrowableOfType(LifecycleException.class, call::run);
      assertThat(failure.reason()).isEqualTo(LifecycleException.Reason.RECORD_DAMAGED);
      assertThat(failure).hasMessageContaining("agent a-2 is damaged");
    }
  }

  @Test
  void killSkipsADamagedTransitionAndDamagedLabels() {
    for (int i = 1; i <= 3; i++) {
      register("a-" + i, null);
    }
    client.hdel(record("a-2"), "t1");
    client.hset(record("a-3"), "labels", "{planted");
    store
        .kills()
        .start("k-1", new KillRequest(null, null, Map.of("team", "search"), null, false), null);
    KillStep step = store.kills().step("k-1", 10, AgentStatus.KILLED.sources());
    assertThat(step.done()).isTrue();
    assertThat(step.killed()).extracting(change -> change.agent().agentId()).contains("a-1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"before", "at", "labels"})
  void damagedKillDoesNotStopTransitions(String field) {
    register("a-1", null);
    store.kills().start("k-1", new KillRequest(null, null, Map.of(), null, false), null);
    client.hset(store.key("kill:k-1"), field, "planted");
    move("a-1", AgentStatus.KILLED);
    assertThat(store.agents().find("a-1").orElseThrow().status()).isEqualTo(AgentStatus.KILLED);
    assertThat(store.kills().step("k-1", 10, AgentStatus.KILLED.sources()).done()).isTrue();
    assertThat(store.kills().runningKills()).isEmpty();
  }

  @Test
  void leaseWhoseDeadlineIsLostStillExpires() {
    register("a-1", Duration.ofMillis(1));
    client.hdel(record("a-1"), "expires");
    pass(Duration.ofMillis(3));
    assertThat(expire().results()).isEmpty();
    pass(Duration.ofMillis(3));
    assertThat(ids(expire())).containsExactly("a-1");
  }

  @Test
  void repairedRecordsAreDueBesideManyDamagedOnes() {
    for (int i = 0; i < 15; i++) {
      register("a-" + i, Duration.ofMillis(1));
      client.hdel(record("a-" + i), "version");
    }
    pass(Duration.ofMillis(3));
    store.sessions().checkRecords(20);
    while (expire().scanned() > 0) {}
    client.hset(record("a-14"), "version", "1");
    store.sessions().checkRecords(20);
    assertThat(ids(expire())).containsExactly("a-14");
    assertThat(store.sessions().damagedRecords(1).count()).isEqualTo(14);
  }

  @ParameterizedTest(name = "a record {0}")
  @MethodSource("damages")
  void damagedFinalRecordDoesNotStopCleanupAndPurge(
      String name, Consumer<RecordRepairTest> damage) {
    for (int i = 1; i <= 3; i++) {
      register("a-" + i, null);
      move("a-" + i, AgentStatus.KILLED);
    }
    damage.accept(this);
    pass(Duration.ofMillis(3));
    assertThat(store.sessions().cleanUpDueSessions(10).results())
        .extracting("agentId")
        .containsExactly("a-1", "a-3");
    store.sessions().purge(10);
    assertThat(store.agents().find("a-1")).isEmpty();
    assertThat(store.agents().find("a-3")).isEmpty();
    assertThat(client.exists(record("a-2"))).isTrue();
    assertThat(store.sessions().purge(10).scanned()).isZero();
  }

  @Test
  void repairedRecordIsDue() {
    register("a-1", Duration.ofMillis(1));
    client.hdel(record("a-1"), "version");
    pass(Duration.ofMillis(3));
    assertThat(expire().damaged()).containsExactly("a-1");
    client.hset(record("a-1"), "version", "1");
    store.sessions().checkRecords(10);
    assertThat(ids(expire())).containsExactly("a-1");
    assertThat(client.exists(store.key("damaged"))).isFalse();
  }

  @Test
  void onlyADamagedRecordCanBeRemoved() {
    register("a-1", Duration.ofHours(1));
    assertThat(store.agents().removeDamaged("a-0")).isEqualTo(RemoveResult.NOT_FOUND);
    assertThat(store.agents().removeDamaged("a-1")).isEqualTo(RemoveResult.READABLE);
    client.hdel(record("a-1"), "version");
    assertThat(store.agents().removeDamaged("a-1")).isEqualTo(RemoveResult.REMOVED);
    assertThat(store.agents().stats()).isEqualTo(EMPTY);
    assertThat(client.keys(store.key("*")))
        .doesNotContain(record("a-1"), store.key("task:task-1"), store.key("label:team:search"));
    register("a-1", null);
    assertThat(store.agents().find("a-1")).isPresent();
  }

  // Lost records ----------------------------------------------------------------------------------

  @Test
  void lostRecordOfAnActiveAgentLeavesNoEntry() {
    register("a-1", null);
    register("a-2", null);
    client.del(record("a-1"));
    store.sessions().checkRecords(10);
    assertThat(store.agents().stats()).isEqualTo(new Stats(1, 0, 0, 0, 0, 1, 0, 0));
  }

  @Test
  void sweepsRemoveEveryEntryOfALostRecord() {
    register("lease", Duration.ofMillis(1));
    register("session", null);
    move("session", AgentStatus.KILLED);
    client.del(record("lease"), record("session"));
    pass(Duration.ofMillis(3));
    assertThat(expire().results()).isEmpty();
    assertThat(store.sessions().cleanUpDueSessions(10).results()).isEmpty();
    assertThat(store.sessions().purge(10).results()).isEmpty();
    assertThat(store.agents().stats()).isEqualTo(EMPTY);
  }

  @Test
  void checkOfRecordsContinuesWhereItStopped() {
    for (int i = 0; i < 5; i++) {
      register("a-" + i, null);
      client.del(record("a-" + i));
    }
    assertThat(store.sessions().checkRecords(2).scanned()).isEqualTo(2);
    assertThat(store.sessions().checkRecords(2).scanned()).isEqualTo(2);
    assertThat(store.sessions().checkRecords(2).scanned()).isEqualTo(1);
    assertThat(store.agents().stats()).isEqualTo(EMPTY);
  }

  @Test
  void dueEntryOfAnEarlierAgentDoesNotAffectTheNext() {
    register("a-1", Duration.ofHours(1));
    move("a-1", AgentStatus.KILLED);
    client.del(record("a-1"));
    register("a-1", Duration.ofHours(1));
    move("a-1", AgentStatus.RUNNING);
    pass(Duration.ofMillis(3));
    assertNothingIsDue();
    assertThat(store.agents().stats()).isEqualTo(new Stats(0, 1, 0, 0, 0, 1, 0, 0));
  }

  @Test
  void listingsSkipEntriesOfAnEarlierAgent() {
    register("a-1", null);
    client.del(record("a-1"));
    store.agents().register(new Registration("a-1", "task-2", Map.of(), null, null, null), null);
    assertThat(listed("task-1", Map.of())).isEmpty();
    assertThat(listed(null, Map.of("team", Set.of("search")))).isEmpty();
    assertThat(listed("task-2", Map.of())).containsExactly("a-1");
    store.kills().start("k-1", new KillRequest("task-1", null, Map.of(), null, false), null);
    assertThat(store.kills().step("k-1", 10, AgentStatus.KILLED.sources()).killed()).isEmpty();
  }

  private List<String> listed(String task, Map<String, Set<String>> labels) {
    return store
        .agents()
        .list(new AgentQuery(Set.of(), task, labels, null, 10, AgentQuery.NEWEST))
        .items()
        .stream()
        .map(Agent::agentId)
        .toList();
  }

  /** Otherwise the sweep would look at every agent that moved after its first lease. */
  @Test
  void transitionRenewsTheEntryOfTheLease() {
    register("a-1", Duration.ofHours(1));
    Instant first = deadline("a-1");
    pass(Duration.ofMillis(3));
    move("a-1", AgentStatus.RUNNING);
    assertThat(deadline("a-1")).isAfter(first);
    assertThat(client.zscore(store.key("leases"), "a-1").longValue())
        .isEqualTo(deadline("a-1").toEpochMilli());
  }

  /**
   * The index of all agents was lost too, so that the registration did not detect the earlier
   * agent.
   */
  @Test
  void leftoverEntriesAreCorrectedBySweeps() {
    register("a-1", Duration.ofHours(1));
    move("a-1", AgentStatus.RUNNING);
    for (String index : List.of("finals", "cleanups", "leases")) {
      client.zadd(store.key(index), 1, "a-1");
    }
    assertNothingIsDue();
    assertThat(client.exists(store.key("finals"))).isFalse();
    assertThat(client.exists(store.key("cleanups"))).isFalse();
    assertThat(client.zscore(store.key("leases"), "a-1")).isGreaterThan(1);
  }

  private void assertNothingIsDue() {
    assertThat(store.sessions().cleanUpDueSessions(10).results()).isEmpty();
    store.sessions().purge(10);
    assertThat(expire().results()).isEmpty();
    assertThat(store.agents().find("a-1").orElseThrow().status()).isEqualTo(AgentStatus.RUNNING);
  }

  // Supervision -----------------------------------------------------------------------------------

  private void registerTimed(String agentId, Duration start, Duration run) {
    Timeouts timeouts = new Timeouts(start, run);
    store
        .agents()
        .register(
            new Registration(agentId, "task-1", Map.of(), null, null, null, timeouts, null), null);
  }

  private void registerChild(String agentId, String parentId, Parent.OnEnd onEnd) {
    store
        .agents()
        .register(
            new Registration(
                agentId,
                "task-1",
                Map.of(),
                null,
                null,
                null,
                Timeouts.NONE,
                new Parent(parentId, onEnd)),
            null);
  }

  private SweepResult<CommittedTransition> expireDeadlines() {
    return store.supervision().expireDeadlines(10);
  }

  private AgentStatus status(String agentId) {
    return store.agents().find(agentId).orElseThrow().status();
  }

  private void stop(String agentId, Duration grace) {
    store
        .supervision()
        .setDesired(agentId, new DesiredRequest(Desired.Mode.STOPPED, grace, "stop"), null);
  }

  @ParameterizedTest
  @ValueSource(strings = {"start_timeout", "run_timeout", "stop_by"})
  void damagedDeadlineAffectsOnlyItsAgent(String field) {
    for (int i = 1; i <= 3; i++) {
      registerTimed("a-" + i, Duration.ofMillis(1), StoreSettings.NEVER);
    }
    client.hset(record("a-2"), field, "planted");
    pass(Duration.ofMillis(3));
    SweepResult<CommittedTransition> result = expireDeadlines();
    assertThat(ids(result)).containsExactly("a-1", "a-3");
    assertThat(result.damaged()).containsExactly("a-2");
    assertThat(expireDeadlines()).isEqualTo(new SweepResult<>(0, List.of()));
    store.sessions().checkRecords(10);
    assertThat(store.sessions().damagedRecords(10))
        .as("the record is still damaged")
        .isEqualTo(new DamagedRecords(1, List.of("a-2")));
    LifecycleException failure =
        catchThrowableOfType(LifecycleException.class, () -> store.agents().find("a-2"));
    assertThat(failure.reason()).isEqualTo(LifecycleException.Reason.RECORD_DAMAGED);
    if (field.equals("stop_by")) {
      client.hdel(record("a-2"), field);
    } else {
      client.hset(record("a-2"), field, "1");
    }
    store.sessions().checkRecords(10);
    assertThat(store.sessions().damagedRecords(10).count()).isZero();
    assertThat(ids(expireDeadlines())).as("the repaired record is due").containsExactly("a-2");
  }

  @Test
  void damagedDeadlineIsFoundByTheCheckOfRecords() {
    registerTimed("a-1", StoreSettings.NEVER, null);
    client.hset(record("a-1"), "start_timeout", "0x10");
    assertThat(store.sessions().checkRecords(10).damaged()).containsExactly("a-1");
  }

  @ParameterizedTest
  @CsvSource({
    "waiting,planted",
    "waiting,'{\"for\":\"planted\"}'",
    "waiting,{}",
    "waiting_since,planted",
    "progress,planted",
    "progressed,planted",
    "desired,planted",
    "desired_since,planted"
  })
  void damagedSessionFieldAffectsOnlyItsSession(String field, String value) {
    for (String id : List.of("a-1", "a-2")) {
      register(id, null);
      move(id, AgentStatus.RUNNING);
      store.sessions().heartbeat(id, null, new Progress(1.0, null, null));
      store.supervision().startWaiting(id, new Waiting(Waiting.Kind.INPUT, null, null, null), null);
      store.supervision().setDesired(id, new DesiredRequest(Desired.Mode.PAUSED, null, null), null);
    }
    client.hset(record("a-2"), field, value);
    List<Runnable> calls =
        field.startsWith("desired")
            ? List.of(
                () -> store.sessions().findSession("a-2"),
                () -> store.sessions().heartbeat("a-2", null))
            : List.of(() -> store.sessions().findSession("a-2"));
    for (Runnable call : calls) {
      LifecycleException failure = catchThrowableOfType(LifecycleException.class, call::run);
      assertThat(failure.reason()).isEqualTo(LifecycleException.Reason.RECORD_DAMAGED);
    }
    AgentQuery all = new AgentQuery(Set.of(), null, Map.of(), null, 10, AgentQuery.NEWEST);
    AgentSessionPage page = store.sessions().list(all, false);
    assertThat(page.unreadable()).containsExactly("a-2");
    assertThat(page.items()).extracting(item -> item.agent().agentId()).containsExactly("a-1");
    assertThat(store.agents().find("a-2")).isPresent();
    move("a-2", AgentStatus.COMPLETED);
    assertThat(status("a-2")).isEqualTo(AgentStatus.COMPLETED);
    assertThat(client.zrange(store.key("waiting"), 0, -1)).containsExactly("a-1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"desired_since", "stop_by", "desired_reason"})
  void damagedDesiredStateDoesNotStopAKill(String field) {
    for (int i = 1; i <= 3; i++) {
      register("a-" + i, null);
      stop("a-" + i, Duration.ofHours(1));
    }
    client.hdel(record("a-2"), field);
    KillRequest request =
        new KillRequest(null, null, Map.of(), null, Duration.ZERO, "enough", false);
    store.kills().start("k-1", request, null);
    KillStep step = store.kills().step("k-1", 10, AgentStatus.KILLED.sources());
    assertThat(step.done()).isTrue();
    assertThat(step.stopping()).extracting(DesiredEvent::agentId).contains("a-1", "a-2", "a-3");
    pass(Duration.ofMillis(1));
    assertThat(ids(expireDeadlines())).containsExactly("a-1", "a-2", "a-3");
    assertThat(store.kills().findKill("k-1").map(Kill::running)).isNotEqualTo(Optional.of(true));
  }

  @Test
  void lostIndexOfDeadlinesIsRepaired() {
    registerTimed("spawning", Duration.ofMillis(1), null);
    registerTimed("running", null, Duration.ofMillis(1));
    move("running", AgentStatus.RUNNING);
    register("stopping", null);
    stop("stopping", Duration.ZERO);
    register("none", null);
    client.del(store.key("deadlines"));
    pass(Duration.ofMillis(3));
    assertThat(expireDeadlines().results()).isEmpty();
    store.sessions().checkRecords(10);
    assertThat(ids(expireDeadlines())).containsExactly("running", "spawning", "stopping");
  }

  @Test
  void lostRecordLeavesNoDeadlineAndDoesNotWait() {
    registerTimed("a-1", Duration.ofMillis(1), null);
    registerTimed("a-2", Duration.ofMillis(1), null);
    move("a-2", AgentStatus.RUNNING);
    store
        .supervision()
        .startWaiting("a-2", new Waiting(Waiting.Kind.OTHER, null, null, null), null);
    client.del(record("a-1"), record("a-2"));
    pass(Duration.ofMillis(3));
    assertThat(expireDeadlines().results()).isEmpty();
    store.sessions().checkRecords(10);
    assertThat(store.agents().stats()).isEqualTo(EMPTY);
    assertThat(client.exists(store.key("deadlines"), store.key("waiting"))).isZero();
  }

  /** It is not an entry of the agent that has this id now. */
  @Test
  void leftoverDeadlineDoesNotEndAnAgent() {
    registerTimed("timed", StoreSettings.NEVER, null);
    register("a-1", null);
    client.zadd(store.key("deadlines"), 1, "a-1");
    client.zadd(store.key("deadlines"), 1, "timed");
    assertThat(expireDeadlines().results()).isEmpty();
    assertThat(client.zrange(store.key("deadlines"), 0, -1)).containsExactly("timed");
    assertThat(expireDeadlines().scanned()).isZero();
  }

  /** Changes only what the previous release knows. */
  private void endByThePreviousRelease(String agentId, String from) {
    String now = Long.toString(store.now().toEpochMilli());
    double seq = Double.parseDouble(client.hget(record(agentId), "seq"));
    client.hset(
        record(agentId),
        Map.of("status", "completed", "version", "3", "completed", now, "cleanup", now));
    client.zrem(store.key("status:" + from), agentId);
    client.zadd(store.key("status:completed"), seq, agentId);
    client.zadd(store.key("finals"), Double.parseDouble(now), agentId);
    client.zadd(store.key("cleanups"), Double.parseDouble(now), agentId);
  }

  @Test
  void agentThatThePreviousReleaseEndedIsRepaired() {
    registerTimed("a-1", null, Duration.ofHours(1));
    move("a-1", AgentStatus.RUNNING);
    registerChild("dependent", "a-1", Parent.OnEnd.KILL);
    registerChild("continues", "a-1", Parent.OnEnd.CONTINUE);
    store
        .supervision()
        .startWaiting("a-1", new Waiting(Waiting.Kind.INPUT, null, null, null), null);
    endByThePreviousRelease("a-1", "running");
    store.sessions().checkRecords(10);
    assertThat(store.agents().stats().waiting()).isZero();
    assertThat(store.sessions().findSession("a-1").session().orElseThrow().waiting()).isNull();
    assertThat(client.exists(store.key("deadlines"))).isFalse();
    SweepResult<CommittedTransition> killed = store.supervision().killDependents(10);
    assertThat(ids(killed)).containsExactly("dependent");
    assertThat(killed.results().get(0).event().reason()).isEqualTo("parent a-1 completed");
    assertThat(status("continues")).isEqualTo(AgentStatus.SPAWNING);
    store.sessions().checkRecords(10);
    assertThat(store.supervision().killDependents(10).results()).isEmpty();
  }

  @Test
  void deadlineOfAnAgentThatThePreviousReleaseEndedHasNoEffect() {
    registerTimed("a-1", Duration.ofMillis(1), null);
    endByThePreviousRelease("a-1", "spawning");
    pass(Duration.ofMillis(3));
    assertThat(expireDeadlines().results()).isEmpty();
    assertThat(status("a-1")).isEqualTo(AgentStatus.COMPLETED);
  }

  /** The previous release does not write the index of deadlines when it starts an agent. */
  @Test
  void runDeadlineOfAnAgentThatThePreviousReleaseStartedCounts() {
    registerTimed("a-1", StoreSettings.NEVER, Duration.ofMillis(1));
    String now = Long.toString(store.now().toEpochMilli());
    client.hset(record("a-1"), Map.of("status", "running", "version", "2", "started", now));
    client.zrem(store.key("status:spawning"), "a-1");
    client.zadd(store.key("status:running"), 1, "a-1");
    pass(Duration.ofMillis(3));
    assertThat(ids(expireDeadlines())).containsExactly("a-1");
    assertThat(store.agents().find("a-1").orElseThrow().error())
        .isEqualTo("not finished within PT0.001S");
  }

  @Test
  void damagedParentRejectsChildrenAndItsDependentsAreNotKilled() {
    register("a-1", null);
    registerChild("child", "a-1", Parent.OnEnd.KILL);
    client.hset(record("a-1"), "version", "planted");
    LifecycleException failure =
        catchThrowableOfType(
            LifecycleException.class, () -> registerChild("new", "a-1", Parent.OnEnd.KILL));
    assertThat(failure.reason()).isEqualTo(LifecycleException.Reason.RECORD_DAMAGED);
    assertThat(store.agents().find("new")).isEmpty();
    store.sessions().checkRecords(10);
    assertThat(store.supervision().killDependents(10).results()).isEmpty();
    assertThat(status("child")).isEqualTo(AgentStatus.SPAWNING);
  }

  @Test
  void damagedDependentDoesNotStopTheKillOfOthers() {
    register("a-1", null);
    for (int i = 1; i <= 3; i++) {
      registerChild("d-" + i, "a-1", Parent.OnEnd.KILL);
    }
    client.hset(record("d-2"), "version", "planted");
    move("a-1", AgentStatus.KILLED);
    SweepResult<CommittedTransition> killed = store.supervision().killDependents(10);
    assertThat(ids(killed)).containsExactly("d-1", "d-3");
    assertThat(killed.damaged()).containsExactly("d-2");
    client.hset(record("d-2"), "version", "1");
    store.sessions().checkRecords(10);
    assertThat(ids(store.supervision().killDependents(10)))
        .as("the repaired record")
        .containsExactly("d-2");
  }

  @Test
  void removedDamagedChildLeavesItsFamily() {
    register("a-1", null);
    registerChild("child", "a-1", Parent.OnEnd.KILL);
    client.hdel(record("child"), "version");
    assertThat(store.agents().removeDamaged("child")).isEqualTo(RemoveResult.REMOVED);
    assertThat(client.keys(store.key("*")))
        .doesNotContain(record("child"), store.key("children:a-1"), store.key("dependents:a-1"));
    assertThat(client.zrange(store.key("tree:a-1"), 0, -1)).containsExactly("a-1");
  }

  /** Otherwise the record of the kill would never end. */
  @Test
  void killWithGraceEndsAlthoughAnAgentIsLost() {
    register("a-1", null);
    store
        .kills()
        .start(
            "k-1", new KillRequest(null, null, Map.of(), null, Duration.ZERO, null, false), null);
    store.kills().step("k-1", 10, AgentStatus.KILLED.sources());
    client.del(record("a-1"));
    assertThat(expireDeadlines().results()).isEmpty();
    assertThat(store.kills().findKill("k-1").orElseThrow().running()).isTrue();
    client.zadd(store.key("stopping"), 1, "k-1");
    expireDeadlines();
    assertThat(store.kills().findKill("k-1").map(Kill::running)).isNotEqualTo(Optional.of(true));
    assertThat(client.exists(store.key("stopping"))).isFalse();
  }

  // Clock -----------------------------------------------------------------------------------------

  /** As after the correction of a clock that was one hour fast. */
  @Test
  void leasesExpireAfterTheClockWentBack() {
    Duration lease = Duration.ofMillis(30);
    long ahead = store.now().plus(Duration.ofHours(1)).toEpochMilli();
    for (int i = 0; i < 25; i++) {
      register("a-" + i, lease);
      client.hset(record("a-" + i), "expires", Long.toString(ahead));
      client.zadd(store.key("leases"), (double) ahead, "a-" + i);
    }
    register("long", Duration.ofHours(2));
    Instant deadline = deadline("long");
    client.set(store.key("swept"), Long.toString(ahead));
    client.set(store.key("grace"), Long.toString(ahead));
    client.set(store.key("outages"), "1-" + ahead);
    SweepResult<CommittedTransition> first;
    do {
      first = expire();
    } while (first.scanned() == 10);
    pass(lease.plusMillis(2));
    int failed = 0;
    do {
      first = expire();
      failed += first.results().size();
    } while (first.scanned() == 10);
    assertThat(failed).isEqualTo(25);
    assertThat(deadline("long")).isEqualTo(deadline);
  }
}
