package org.agentlifecycle.supervision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.entry;

import java.time.Duration;
import java.util.Map;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentEventPublisher;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.Desired;
import org.agentlifecycle.agent.DesiredEvent;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.agent.LifecycleException.Reason;
import org.agentlifecycle.agent.Parent;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.Timeouts;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.agent.Waiting;
import org.agentlifecycle.agent.WaitingEvent;
import org.agentlifecycle.memory.InMemoryStore;
import org.agentlifecycle.memory.LogCapture;
import org.agentlifecycle.memory.RecordedEvents;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** The service fires each event once, and the sweeps of the supervision. */
class SupervisionServiceTest {
  private static final Waiting INPUT = new Waiting(Waiting.Kind.INPUT, "note", null, null);
  private static final DesiredRequest PAUSE = new DesiredRequest(Desired.Mode.PAUSED, null, "busy");
  private static final DesiredRequest STOP =
      new DesiredRequest(Desired.Mode.STOPPED, Duration.ZERO, "enough");
  private static final IdempotencyKey KEY = new IdempotencyKey("key", "content", "text");
  private static final IdempotencyKey REUSED = new IdempotencyKey("key", "other", "other");

  private final InMemoryStore store = new InMemoryStore(Duration.ZERO);
  private final RecordedEvents events = new RecordedEvents();
  private final AgentEventPublisher publisher = new AgentEventPublisher(events);
  private final SupervisionService supervision = new SupervisionService(store, publisher);
  private final DeadlineExpiry deadlines = new DeadlineExpiry(store, publisher);
  private final DependentKill dependents = new DependentKill(store, publisher);

  private void register(String id, Timeouts timeouts, Parent parent) {
    store.register(
        new Registration(id, "task-1", Map.of(), null, null, null, timeouts, parent), null);
  }

  private void running(String id) {
    register(id, Timeouts.NONE, null);
    move(id, AgentStatus.RUNNING);
  }

  private void move(String id, AgentStatus to) {
    store.move(id, TransitionRequest.to(to), to.sources(), null);
  }

  private static LifecycleException rejection(ThrowingCallable call) {
    return catchThrowableOfType(LifecycleException.class, call);
  }

  // Waiting ---------------------------------------------------------------------------------------

  @Test
  void changeOfWaitingFiresOneEvent() {
    running("a-1");
    supervision.startWaiting("a-1", INPUT, null);
    supervision.startWaiting("a-1", INPUT, null);
    supervision.endWaiting("a-1");
    supervision.endWaiting("a-1");
    assertThat(events.fired())
        .extracting(AgentEvent::type)
        .containsExactly(AgentEvent.Type.WAITING, AgentEvent.Type.RESUMED);
    assertThat(events.fired()).isEqualTo(store.feed().events().subList(2, 4));
    WaitingEvent first = (WaitingEvent) events.fired().get(0);
    assertThat(first.waiting().note()).isEqualTo("note");
    assertThat(first.waiting().since()).isEqualTo(first.timestamp());
  }

  @Test
  void replayOfWaitingFiresNoEvent() {
    running("a-1");
    supervision.startWaiting("a-1", INPUT, KEY);
    supervision.endWaiting("a-1");
    events.fired().clear();
    supervision.startWaiting("a-1", INPUT, KEY);
    assertThat(events.fired()).isEmpty();
    assertThat(store.findSession("a-1").session().orElseThrow().waiting()).isNull();
  }

  @Test
  void rejectedWaitingHasReasonAndFiresNoEvent() {
    register("spawning", Timeouts.NONE, null);
    LifecycleException early = rejection(() -> supervision.startWaiting("spawning", INPUT, null));
    assertThat(early.reason()).isEqualTo(Reason.AGENT_NOT_RUNNING);
    assertThat(early.details()).containsExactly(entry("agentStatus", "spawning"));
    assertThat(early).hasMessageContaining("spawning").hasMessageContaining("running");
    running("final");
    move("final", AgentStatus.COMPLETED);
    LifecycleException late = rejection(() -> supervision.startWaiting("final", INPUT, null));
    assertThat(late.reason()).isEqualTo(Reason.AGENT_FINISHED);
    assertThat(late.details()).containsExactly(entry("agentStatus", "completed"));
    assertThat(rejection(() -> supervision.endWaiting("final")).reason())
        .isEqualTo(Reason.AGENT_FINISHED);
    assertThat(rejection(() -> supervision.endWaiting("a-0")).reason())
        .isEqualTo(Reason.AGENT_NOT_FOUND);
    assertThat(rejection(() -> supervision.startWaiting("a-0", INPUT, null)).reason())
        .isEqualTo(Reason.AGENT_NOT_FOUND);
    running("a-1");
    supervision.startWaiting("a-1", INPUT, KEY);
    events.fired().clear();
    assertThat(rejection(() -> supervision.startWaiting("a-1", INPUT, REUSED)).reason())
        .isEqualTo(Reason.IDEMPOTENCY_KEY_REUSED);
    assertThat(events.fired()).isEmpty();
  }

  // Desired state ---------------------------------------------------------------------------------

  @Test
  void changeOfTheDesiredStateFiresOneEvent() {
    running("a-1");
    Desired paused = supervision.setDesired("a-1", PAUSE, null);
    assertThat(supervision.setDesired("a-1", PAUSE, null)).isEqualTo(paused);
    Desired stopped = supervision.setDesired("a-1", STOP, null);
    assertThat(stopped.deadline()).isEqualTo(stopped.since());
    assertThat(events.fired())
        .hasSize(2)
        .allSatisfy(event -> assertThat(event.type()).isEqualTo(AgentEvent.Type.DESIRED));
    assertThat(((DesiredEvent) events.fired().get(0)).desired()).isEqualTo(paused);
    assertThat(((DesiredEvent) events.fired().get(1)).desired()).isEqualTo(stopped);
  }

  @Test
  void replayOfTheDesiredStateFiresNoEvent() {
    running("a-1");
    Desired paused = supervision.setDesired("a-1", PAUSE, KEY);
    supervision.setDesired("a-1", STOP, null);
    events.fired().clear();
    assertThat(supervision.setDesired("a-1", PAUSE, KEY)).isEqualTo(paused);
    assertThat(events.fired()).isEmpty();
  }

  @Test
  void rejectedDesiredStateHasReasonAndFiresNoEvent() {
    running("a-1");
    supervision.setDesired("a-1", STOP, KEY);
    events.fired().clear();
    LifecycleException stopped = rejection(() -> supervision.setDesired("a-1", PAUSE, null));
    assertThat(stopped.reason()).isEqualTo(Reason.STOP_REQUESTED);
    assertThat(stopped).hasMessageContaining("a-1");
    assertThat(rejection(() -> supervision.setDesired("a-1", STOP, REUSED)).reason())
        .isEqualTo(Reason.IDEMPOTENCY_KEY_REUSED);
    assertThat(rejection(() -> supervision.setDesired("a-0", STOP, null)).reason())
        .isEqualTo(Reason.AGENT_NOT_FOUND);
    move("a-1", AgentStatus.KILLED);
    assertThat(rejection(() -> supervision.setDesired("a-1", PAUSE, null)).reason())
        .isEqualTo(Reason.AGENT_FINISHED);
    assertThat(events.fired()).isEmpty();
  }

  // Sweeps ----------------------------------------------------------------------------------------

  @Test
  void sweepEndsAllLateAgentsAndFiresTheirEvents() {
    for (int i = 0; i < 250; i++) {
      running("a-" + i);
      store.setDesired("a-" + i, STOP, null);
    }
    running("active");
    while (deadlines.sweep()) {
      // The next step.
    }
    assertThat(events.fired())
        .hasSize(250)
        .extracting(AgentEvent::agentId)
        .doesNotHaveDuplicates()
        .doesNotContain("active");
    assertThat(events.fired()).extracting("actor").containsOnly("deadline");
    deadlines.sweep();
    assertThat(events.fired()).hasSize(250);
  }

  @Test
  void sweepKillsAllDependentsAndFiresTheirEvents() {
    running("parent");
    for (int i = 0; i < 250; i++) {
      register(
          "a-" + i,
          Timeouts.NONE,
          new Parent(i < 150 ? "parent" : "a-" + (i - 150), Parent.OnEnd.KILL));
    }
    dependents.sweep();
    assertThat(events.fired()).isEmpty();
    move("parent", AgentStatus.COMPLETED);
    while (dependents.sweep()) {
      // The next step.
    }
    assertThat(events.fired()).hasSize(250).extracting(AgentEvent::agentId).doesNotHaveDuplicates();
    assertThat(events.fired()).extracting("actor").containsOnly("parent");
    assertThat(store.stats().killed()).isEqualTo(250);
  }

  @Test
  void failingObserverDoesNotStopSweeps() {
    running("parent");
    register("child", Timeouts.NONE, new Parent("parent", Parent.OnEnd.KILL));
    store.setDesired("parent", STOP, null);
    events.observeBy(
        event -> {
          throw new IllegalStateException("failure of an observer");
        });
    try (LogCapture log = new LogCapture(AgentEventPublisher.class)) {
      deadlines.sweep();
      dependents.sweep();
      assertThat(log.records()).filteredOn(logged -> logged.getThrown() != null).hasSize(2);
    }
    assertThat(store.stats().killed()).isEqualTo(2);
  }
}
