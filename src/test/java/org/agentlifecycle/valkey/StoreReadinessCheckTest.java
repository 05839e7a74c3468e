package org.agentlifecycle.valkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.agentlifecycle.admission.AdmissionSettings;
import org.agentlifecycle.agent.AgentSettings;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.agent.RawJson;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.harness.EmbeddedStore;
import org.agentlifecycle.health.HealthReport;
import org.agentlifecycle.health.StartedApplication;
import org.agentlifecycle.memory.LogCapture;
import org.agentlifecycle.session.SessionSettings;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

/** Readiness check and log of the store, on a real store. */
class StoreReadinessCheckTest {
  private static final RawJson LARGE = new RawJson("{\"text\":\"" + "x".repeat(16_000) + "\"}");

  private static EmbeddedStore store;

  private ValkeyClient connection;
  private ValkeyAgentStore agents;
  private StoreMonitor monitor;
  private StoreReadinessCheck check;

  @BeforeAll
  static void start() {
    store = EmbeddedStore.start();
  }

  @AfterAll
  static void stop() {
    store.close();
  }

  private void open(URI uri, String namespace) {
    ValkeySettings settings = new ValkeySettings(uri.toString(), namespace);
    connection = new ValkeyClient(settings);
    FunctionLibrary functions = new FunctionLibrary(connection, settings);
    agents =
        new ValkeyAgentStore(
            functions,
            new AgentSettings(Duration.ZERO, Duration.ofDays(7), Duration.ofDays(1)),
            new SessionSettings(Duration.ZERO, Optional.empty()),
            new AdmissionSettings(0));
    monitor = new StoreMonitor(connection, functions, settings);
    check = new StoreReadinessCheck(StartedApplication.state(), functions, monitor);
  }

  @AfterEach
  void close() {
    connection.close();
    if (!store.isRunning()) {
      store.restart();
    }
    try (Jedis admin = new Jedis(store.uri())) {
      admin.configSet("maxmemory", "0");
      admin.configSet("maxmemory-policy", "noeviction");
      admin.replicaofNoOne();
      admin.flushAll();
    }
  }

  private void register(String agentId) {
    agents.register(new Registration(agentId, "task-1", Map.of(), LARGE, LARGE, null), null);
  }

  private static long usedMemory(Jedis admin) {
    return admin
        .info("memory")
        .lines()
        .filter(line -> line.startsWith("used_memory:"))
        .mapToLong(line -> Long.parseLong(line.substring("used_memory:".length()).strip()))
        .sum();
  }

  private void assertDown(String reason) {
    HealthReport report = check.check();
    assertThat(report.up()).isFalse();
    assertThat(report.data()).containsEntry("reason", reason);
  }

  @Test
  void reportHasLibraryServerAndEvictionPolicy() {
    open(store.uri(), "ready");
    monitor.run();
    HealthReport report = check.check();
    assertThat(report.up()).isTrue();
    assertThat(report.data())
        .containsOnlyKeys("library", "server", "evictionPolicy")
        .containsEntry("evictionPolicy", "noeviction");
    assertThat(report.data().get("server")).matches("(valkey|redis) [0-9]+\\.[0-9]+\\.[0-9]+");
  }

  /** The memory that the call itself needs decides whether a nearly full store accepts it. */
  @Test
  void readinessIsDownWhenMemoryRejectsRegistrations() {
    open(store.uri(), "ready");
    register("a-0");
    assertThat(check.check().up()).isTrue();
    try (Jedis admin = new Jedis(store.uri())) {
      for (int free = 4096; free <= 65_536; free += 4096) {
        admin.configSet("maxmemory", Long.toString(usedMemory(admin) + free));
        // One report: the memory of the store changes between two checks.
        HealthReport report = check.check();
        if (report.up()) {
          register("a-" + free);
        } else {
          assertThat(report.data()).containsEntry("reason", "STORE_FULL");
        }
      }
      admin.configSet("maxmemory", "0");
    }
    assertThat(check.check().up()).isTrue();
  }

  @Test
  void unreachableStoreIsDownAndLoggedInTwoLines() {
    open(store.uri(), "ready");
    try (LogCapture log = new LogCapture(OutageLog.class)) {
      assertThat(check.check().up()).isTrue();
      store.stop();
      for (int i = 0; i < 20; i++) {
        assertDown("STORE_UNREACHABLE");
      }
      store.restart();
      assertThat(check.check().up()).isTrue();
      assertThat(log.records()).hasSize(2).allMatch(line -> line.getThrown() == null);
      assertThat(log.lines())
          .satisfiesExactly(
              line ->
                  assertThat(line)
                      .startsWith("store unavailable, STORE_UNREACHABLE: redis://127.0.0.1:")
                      .endsWith("; the service connects again by itself"),
              line -> assertThat(line).startsWith("store available again: redis://127.0.0.1:"));
    }
  }

  @Test
  void replicaIsDownAsReadOnly() {
    open(store.uri(), "ready");
    assertThat(check.check().up()).isTrue();
    try (Jedis admin = new Jedis(store.uri())) {
      admin.replicaof("127.0.0.1", 1);
      assertDown("STORE_READ_ONLY");
    }
  }

  @Test
  void evictingStoreIsAnErrorAndVisibleInHealth() {
    open(store.uri(), "ready");
    try (LogCapture log = new LogCapture(StoreMonitor.class);
        Jedis admin = new Jedis(store.uri())) {
      monitor.run();
      monitor.run();
      assertThat(log.lines())
          .singleElement()
          .asString()
          .matches(
              "store: \\w+ [0-9.]+ at redis://127.0.0.1:[0-9]+/0, namespace ready,"
                  + " function library agents_v1.*, eviction policy noeviction");
      admin.configSet("maxmemory-policy", "volatile-lru");
      monitor.run();
      monitor.run();
      assertThat(log.lines())
          .hasSize(3)
          .last()
          .asString()
          .startsWith("the store evicts keys")
          .endsWith("instead of volatile-lru");
      assertThat(check.check().data()).containsEntry("evictionPolicy", "volatile-lru");
    }
    store.stop();
    store.restart();
    try (LogCapture log = new LogCapture(StoreMonitor.class)) {
      monitor.run();
      assertThat(log.lines()).as("another start of the store").hasSize(1);
    }
  }

  @Test
  void unknownIsReportedIfTheUserMayNotReadInfo() {
    addUser("~{ready}", "~{ready}:*", "-info");
    open(user(), "ready");
    monitor.run();
    HealthReport report = check.check();
    assertThat(report.up()).isTrue();
    assertThat(report.data())
        .containsEntry("server", "unknown")
        .containsEntry("evictionPolicy", "unknown");
  }

  @Test
  void missingKeyPatternsAreReported() {
    addUser("~{agents}", "~{agents}:*");
    open(user(), "other");
    try (LogCapture log = new LogCapture(OutageLog.class)) {
      assertDown("STORE_ACCESS_DENIED");
      assertThatThrownBy(() -> register("a-1")).isInstanceOf(LifecycleException.class);
      assertThat(log.lines())
          .singleElement()
          .asString()
          .contains("NOPERM")
          .endsWith("which must allow ~{other}, ~{other}:* and &other:events");
    }
  }

  private static void addUser(String... rights) {
    try (Jedis admin = new Jedis(store.uri())) {
      admin.aclSetUser("limited", "reset", "on", ">se%cret", "+@all", "&*");
      List.of(rights).forEach(right -> admin.aclSetUser("limited", right));
    }
  }

  /** Returns a URI whose password must be decoded exactly once. */
  private static URI user() {
    return URI.create("redis://limited:se%25cret@127.0.0.1:" + store.port());
  }
}
