package org.agentlifecycle.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentQuery;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.agent.RawJson;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.Stats;
import org.agentlifecycle.kill.KillRequest;
import org.agentlifecycle.session.EndSessionResult;
import org.agentlifecycle.session.SweepResult;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Contract of retention: a purged agent leaves no entries in the store. */
interface RetentionContract extends StoreContractSupport {
  Duration BRIEFLY = Duration.ofMillis(1);

  private SweepResult<AgentEvent> purge(int limit) {
    return store().sessions().purge(limit);
  }

  private void awaitRetention(String agentId) {
    awaitAfter(found(agentId).completedAt().plus(BRIEFLY));
  }

  private List<Agent> list(
      Set<AgentStatus> statuses, String task, Map<String, Set<String>> labels) {
    return store()
        .agents()
        .list(new AgentQuery(statuses, task, labels, null, 100, AgentQuery.NEWEST))
        .items();
  }

  @Test
  default void nothingIsPurgedBeforeRetentionEnds() {
    register("a-1");
    moved("a-1", AgentStatus.KILLED);
    assertThat(purge(10)).isEqualTo(new SweepResult<>(0, List.of()));
    assertThat(store().agents().find("a-1")).isPresent();
  }

  @ParameterizedTest
  @EnumSource(
      value = AgentStatus.class,
      names = {"COMPLETED", "FAILED", "KILLED"})
  default void purgeDeletesTheAgentWithAllItsEntries(AgentStatus last) {
    use(StoreSettings.QUIET.keepingFinals(BRIEFLY));
    register(
        new Registration(
            "a-1",
            "task-1",
            Map.of("team", "search", "nasty", NASTY),
            new RawJson("{}"),
            new RawJson("{}"),
            Duration.ofHours(1)));
    moveTo("a-1", last);
    store().sessions().endSession("a-1");
    List<AgentEvent> events = store().events();
    awaitRetention("a-1");
    assertThat(purge(10)).isEqualTo(new SweepResult<>(1, List.of()));
    assertThat(store().agents().find("a-1")).isEmpty();
    assertThat(store().agents().history("a-1")).isEmpty();
    assertThat(store().sessions().findSession("a-1").session()).isEmpty();
    assertThat(store().sessions().endSession("a-1"))
        .isEqualTo(new EndSessionResult.AgentNotFound());
    assertThat(store().agents().stats()).isEqualTo(new Stats(0, 0, 0, 0, 0, 0, 0, 0));
    assertThat(list(Set.of(), null, Map.of())).isEmpty();
    assertThat(list(Set.of(last), null, Map.of())).isEmpty();
    assertThat(list(Set.of(), "task-1", Map.of())).isEmpty();
    assertThat(list(Set.of(), null, Map.of("team", Set.of("search")))).isEmpty();
    assertThat(store().events()).as("events of the purged agent").isEqualTo(events);
    assertThat(purge(10).scanned()).isZero();
    assertThat(register("a-1").agent().version())
        .as("version of a new agent with the same id")
        .isEqualTo(1);
  }

  @Test
  default void purgeEndsAnOpenSessionFirst() {
    use(StoreSettings.QUIET.keepingFinals(BRIEFLY));
    register("a-1");
    moved("a-1", AgentStatus.RUNNING);
    moved("a-1", AgentStatus.COMPLETED);
    awaitRetention("a-1");
    SweepResult<AgentEvent> batch = purge(10);
    assertThat(batch.results())
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.type()).isEqualTo(AgentEvent.Type.CLEANUP);
              assertThat(event.agentId()).isEqualTo("a-1");
              assertThat(event.version()).isEqualTo(3);
              assertThat(event).extracting("confirmed").isEqualTo(false);
            });
    assertThat(store().events()).hasSize(4).last().isEqualTo(batch.results().get(0));
    assertThat(store().sessions().cleanUpDueSessions(10).results()).isEmpty();
    assertThat(store().agents().stats()).isEqualTo(new Stats(0, 0, 0, 0, 0, 0, 0, 0));
  }

  @Test
  default void activeAgentIsNotPurged() {
    use(StoreSettings.QUIET.keepingFinals(BRIEFLY));
    register("spawning");
    register("running");
    moved("running", AgentStatus.RUNNING);
    awaitAfter(found("running").startedAt().plus(BRIEFLY));
    assertThat(purge(10)).isEqualTo(new SweepResult<>(0, List.of()));
  }

  @Test
  default void agentsArePurgedLongestFinalFirstUpToTheLimit() {
    use(StoreSettings.QUIET.keepingFinals(BRIEFLY));
    Map<String, Instant> completed = new HashMap<>();
    for (int i = 0; i < 25; i++) {
      register("a-" + i);
    }
    for (int i = 24; i >= 0; i--) {
      completed.put("a-" + i, moved("a-" + i, AgentStatus.KILLED).agent().completedAt());
    }
    awaitRetention("a-0");
    List<AgentEvent> ended = new ArrayList<>();
    for (int expected : new int[] {10, 10, 5, 0}) {
      SweepResult<AgentEvent> batch = purge(10);
      assertThat(batch.scanned()).isEqualTo(expected);
      ended.addAll(batch.results());
    }
    assertThat(ended)
        .extracting(AgentEvent::agentId)
        .hasSize(25)
        .doesNotHaveDuplicates()
        .isSortedAccordingTo(Comparator.comparing(completed::get));
  }

  @Test
  default void concurrentSweepsPurgeEachAgentOnce() throws Exception {
    use(StoreSettings.QUIET.keepingFinals(BRIEFLY));
    for (int i = 0; i < 60; i++) {
      register("a-" + i);
      moved("a-" + i, AgentStatus.KILLED);
    }
    awaitRetention("a-59");
    List<AgentEvent> ended = new ArrayList<>();
    List<SweepResult<AgentEvent>> batches =
        concurrently(4, (server, caller) -> server.sessions().purge(15));
    batches.forEach(batch -> ended.addAll(batch.results()));
    assertThat(batches.stream().mapToInt(SweepResult::scanned).sum()).isEqualTo(60);
    assertThat(ended).hasSize(60).extracting(AgentEvent::agentId).doesNotHaveDuplicates();
    assertThat(store().agents().stats()).isEqualTo(new Stats(0, 0, 0, 0, 0, 0, 0, 0));
  }

  /** After the purge, the store must have its former size; otherwise it grows without limit. */
  @Test
  default void purgedAgentsDoNotIncreaseTheSizeOfTheStore() {
    use(
        StoreSettings.QUIET
            .keepingFinals(BRIEFLY)
            .keepingIdempotencyRecords(BRIEFLY)
            .leasing(Duration.ofHours(1)));
    runLifecycles("first");
    Awaitility.await().pollInterval(Duration.ofMillis(2)).until(() -> purge(100).scanned() == 0);
    Awaitility.await().until(() -> store().agents().stats().killed() == 0);
    long size = settledSize();
    for (int i = 0; i < 10; i++) {
      runLifecycles("life-" + i);
    }
    Awaitility.await()
        .untilAsserted(
            () -> {
              purge(100);
              assertThat(settledSize()).isEqualTo(size);
            });
  }

  private long settledSize() {
    store().kills().findKill("none");
    store()
        .agents()
        .register(registration("probe", "probe"), new IdempotencyKey("probe", "probe", "probe"));
    tryMove("probe", move(AgentStatus.KILLED));
    Awaitility.await()
        .pollInterval(Duration.ofMillis(2))
        .until(() -> purge(100).scanned() == 0 && store().agents().find("probe").isEmpty());
    return store().size();
  }

  private void runLifecycles(String name) {
    for (AgentStatus last : List.of(AgentStatus.COMPLETED, AgentStatus.FAILED)) {
      String id = name + "-" + last.wireName();
      store()
          .agents()
          .register(
              registration(id, "task-" + name, "team", name, "name", name),
              new IdempotencyKey("key-" + id, "content", "text"));
      store().sessions().heartbeat(id, null);
      moveTo(id, last);
    }
    register(registration(name + "-killed", "task-" + name));
    store()
        .kills()
        .start("kill-" + name, new KillRequest("task-" + name, null, Map.of(), null, false), null);
    store().kills().step("kill-" + name, 10, AgentStatus.KILLED.sources());
    store().sessions().endSession(name + "-completed");
    store().sessions().expireLeases(10, Duration.ofHours(1));
    store().feed().forward(100);
  }
}
