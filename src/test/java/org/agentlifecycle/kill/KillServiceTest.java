package org.agentlifecycle.kill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentEventPublisher;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.memory.InMemoryStore;
import org.agentlifecycle.memory.LogCapture;
import org.agentlifecycle.memory.ManualScheduler;
import org.agentlifecycle.memory.RecordedEvents;
import org.junit.jupiter.api.Test;

/** The worker and the sweep of bulk kills. */
class KillServiceTest {
  private final InMemoryStore store = new InMemoryStore(Duration.ZERO);
  private final RecordedEvents events = new RecordedEvents();
  private final ManualScheduler executor = new ManualScheduler();
  private final Steps steps = new Steps();
  private final KillService kills = new KillService(steps, new AgentEventPublisher(events));

  /** The in-memory store, which records the steps and can fail the steps of one kill. */
  private final class Steps implements KillStore {
    private final List<String> stepped = new ArrayList<>();
    private String failing;

    @Override
    public StartKillResult start(String killId, KillRequest request, IdempotencyKey once) {
      return store.start(killId, request, once);
    }

    @Override
    public KillStep step(String killId, int limit, List<AgentStatus> legalFrom) {
      stepped.add(killId);
      if (killId.equals(failing)) {
        throw new IllegalStateException("planted");
      }
      return store.step(killId, limit, legalFrom);
    }

    @Override
    public Optional<Kill> findKill(String killId) {
      return store.findKill(killId);
    }

    @Override
    public List<String> runningKills() {
      return store.runningKills();
    }
  }

  KillServiceTest() {
    executor.injectInto(kills);
  }

  private void register(String task, int count) {
    for (int i = 0; i < count; i++) {
      store.register(new Registration(task + i, task, Map.of(), null, null, null), null);
    }
  }

  private static KillRequest all(String task) {
    return new KillRequest(task, null, Map.of(), null, false);
  }

  private String start(String task) {
    return kills.start(all(task), null);
  }

  private void startWithoutWorker(String killId, String task) {
    store.start(killId, all(task), null);
  }

  @Test
  void sweepRunsOneStepOfEachRunningKill() {
    for (String task : List.of("a", "b", "c")) {
      register(task, 150);
      startWithoutWorker("kill-" + task, task);
    }
    assertThat(kills.sweep()).isTrue();
    assertThat(steps.stepped).containsExactlyInAnyOrder("kill-a", "kill-b", "kill-c");
    while (kills.sweep()) {
      // The next step of each kill.
    }
    assertThat(store.runningKills()).isEmpty();
    assertThat(events.fired()).extracting(AgentEvent::agentId).hasSize(450).doesNotHaveDuplicates();
  }

  @Test
  void workerFinishesAllKillsInTurns() {
    register("large", 450);
    register("small", 50);
    String large = start("large");
    String small = start("small");
    assertThat(executor.waiting()).isOne();
    executor.run();
    assertThat(store.runningKills()).isEmpty();
    assertThat(steps.stepped.subList(0, 2)).containsExactlyInAnyOrder(large, small);
    assertThat(kills.find(large).killed()).isEqualTo(450);
    assertThat(kills.find(small).killed()).isEqualTo(50);
  }

  @Test
  void workerStartsAgainForTheNextKill() {
    register("a", 10);
    start("a");
    executor.run();
    register("b", 10);
    start("b");
    executor.run();
    assertThat(events.fired()).hasSize(20);
  }

  @Test
  void sweepLeavesKillsToTheWorker() {
    register("a", 10);
    start("a");
    assertThat(kills.sweep()).isFalse();
    assertThat(steps.stepped).isEmpty();
    executor.run();
    assertThat(events.fired()).hasSize(10);
  }

  @Test
  void failingKillIsReportedAndDoesNotStopOthers() {
    register("a", 10);
    register("b", 10);
    startWithoutWorker("kill-a", "a");
    startWithoutWorker("kill-b", "b");
    steps.failing = "kill-a";
    assertThatThrownBy(kills::sweep).hasMessage("planted");
    assertThat(kills.find("kill-b").killed()).isEqualTo(10);
    assertThat(store.runningKills()).containsExactly("kill-a");
  }

  @Test
  void failedWorkerLeavesTheRestToTheSweep() {
    register("a", 10);
    String kill = start("a");
    steps.failing = kill;
    try (LogCapture log = new LogCapture(KillService.class)) {
      executor.run();
      assertThat(log.records()).hasSize(1);
    }
    steps.failing = null;
    kills.sweep();
    assertThat(kills.find(kill).killed()).isEqualTo(10);
  }

  @Test
  void stoppingServerLeavesKillToTheSweepOfOthers() {
    register("a", 10);
    executor.stop();
    try (LogCapture log = new LogCapture(KillService.class)) {
      String kill = start("a");
      assertThat(log.records()).hasSize(1);
      assertThat(kills.sweep()).isFalse();
      assertThat(kills.find(kill).killed()).isEqualTo(10);
    }
  }
}
