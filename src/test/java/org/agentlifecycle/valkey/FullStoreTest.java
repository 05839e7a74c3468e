package org.agentlifecycle.valkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.agent.LifecycleException.Reason;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.Stats;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.contract.StoreSettings;
import org.agentlifecycle.harness.EmbeddedStore;
import org.agentlifecycle.kill.KillRequest;
import org.agentlifecycle.session.EndSessionResult;
import org.agentlifecycle.session.HeartbeatResult;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Store at its maxmemory limit: it rejects registrations, and agents can still end. */
class FullStoreTest {

  /** These functions free memory or need very little: a heartbeat changes two numbers. */
  private static final Set<String> RUN_IN_A_FULL_STORE =
      Set.of(
          "begin_kill",
          "check_records",
          "clean_up",
          "close_session",
          "confirm",
          "expire",
          "expire_deadlines",
          "forward",
          "heartbeat",
          "kill_dependents",
          "purge",
          "remove_damaged",
          "resume",
          "set_desired",
          "step_kill");

  private static EmbeddedStore valkey;
  private ValkeyUnderTest store;

  @BeforeAll
  static void start() {
    valkey = EmbeddedStore.start();
  }

  @AfterAll
  static void stop() {
    valkey.close();
  }

  @BeforeEach
  void open() {
    store =
        ValkeyUnderTest.on(
            valkey.uri(),
            StoreSettings.QUIET.cleanupAfter(Duration.ZERO).keepingFinals(Duration.ofMillis(1)));
    store.sessions().expireLeases(1, StoreSettings.NEVER);
    register("leased", Duration.ofHours(1));
    register("silent", Duration.ofMillis(1));
    register("killed", null);
    register("closed", null);
    move("closed", AgentStatus.KILLED);
    register("final", null);
    move("final", AgentStatus.KILLED);
    Instant end = store.now().plusMillis(3);
    while (!store.now().isAfter(end)) {
      LockSupport.parkNanos(500_000);
    }
    maxMemory("1");
  }

  @AfterEach
  void close() {
    maxMemory("0");
    store.close();
  }

  private void maxMemory(String bytes) {
    store.client().configSet("maxmemory", bytes);
  }

  private void register(String agentId, Duration lease) {
    store.agents().register(new Registration(agentId, "task-1", Map.of(), null, null, lease), null);
  }

  private void move(String agentId, AgentStatus to) {
    store.agents().move(agentId, TransitionRequest.to(to), to.sources(), null);
  }

  private static void isUnavailable(Runnable call) {
    LifecycleException failure = catchThrowableOfType(LifecycleException.class, call::run);
    assertThat(failure).isNotNull();
    assertThat(failure.reason()).isEqualTo(Reason.STORE_UNAVAILABLE);
    assertThat(failure.retryAfter()).isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void fullStoreRejectsRegistrationsAndTransitions() {
    isUnavailable(() -> register("new", null));
    isUnavailable(() -> move("leased", AgentStatus.RUNNING));
    assertThat(store.agents().stats()).isEqualTo(new Stats(3, 0, 0, 0, 2, 5, 2, 0));
  }

  @Test
  void fullStoreAcceptsHeartbeatsAndSessionEnds() {
    assertThat(store.sessions().heartbeat("leased", null))
        .isInstanceOf(HeartbeatResult.Renewed.class);
    assertThat(store.sessions().endSession("closed")).isInstanceOf(EndSessionResult.Ended.class);
  }

  @Test
  void fullStoreBecomesEmptyAgain() {
    assertThat(store.sessions().expireLeases(10, StoreSettings.NEVER).results()).hasSize(1);
    store.kills().start("k-1", new KillRequest(null, null, Map.of(), null, false), null);
    assertThat(store.kills().step("k-1", 10, AgentStatus.KILLED.sources()).killed()).hasSize(2);
    assertThat(store.sessions().cleanUpDueSessions(10).results()).isNotEmpty();
    assertThat(store.feed().forward(100).published()).isPositive();
    Instant end = store.now().plusMillis(2);
    while (!store.now().isAfter(end)) {
      LockSupport.parkNanos(500_000);
    }
    store.sessions().purge(10);
    assertThat(store.agents().stats()).isEqualTo(new Stats(0, 0, 0, 0, 0, 0, 0, 0));
  }

  @Test
  void onlyExpectedFunctionsRunInAFullStore() {
    LibrarySource library = LibrarySource.load();
    Set<String> allowed = new TreeSet<>();
    for (Map<String, Object> function :
        store.client().functionList(library.name()).get(0).getFunctions()) {
      if (function.get("flags").toString().contains("allow-oom")) {
        allowed.add(function.get("name").toString().substring(library.functionName("").length()));
      }
    }
    assertThat(allowed).isEqualTo(RUN_IN_A_FULL_STORE);
  }
}
