package org.agentlifecycle.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.entry;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentEventPublisher;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.agent.LifecycleException.Reason;
import org.agentlifecycle.agent.RawJson;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.memory.InMemoryStore;
import org.agentlifecycle.memory.LogCapture;
import org.agentlifecycle.memory.RecordedEvents;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class SessionServiceTest {
  private final InMemoryStore store = new InMemoryStore(Duration.ZERO);
  private final RecordedEvents events = new RecordedEvents();
  private final SessionService sessions =
      new SessionService(store, new AgentEventPublisher(events));
  private final SessionCleanup cleanup = new SessionCleanup(store, new AgentEventPublisher(events));

  private void register(String id) {
    store.register(new Registration(id, "task-1", Map.of(), null, null, null), null);
  }

  private void registerFinal(String id) {
    register(id);
    store.move(id, TransitionRequest.to(AgentStatus.KILLED), AgentStatus.KILLED.sources(), null);
  }

  private static Reason rejection(ThrowingCallable call) {
    return catchThrowableOfType(LifecycleException.class, call).reason();
  }

  @Test
  void endedSessionFiresEvent() {
    registerFinal("a-1");
    sessions.end("a-1");
    assertThat(events.fired())
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.type()).isEqualTo(AgentEvent.Type.CLEANUP);
              assertThat(event).extracting("confirmed").isEqualTo(true);
            });
  }

  @Test
  void rejectedEndHasReasonAndFiresNoEvent() {
    register("a-1");
    LifecycleException unfinished =
        catchThrowableOfType(LifecycleException.class, () -> sessions.end("a-1"));
    assertThat(unfinished.reason()).isEqualTo(Reason.AGENT_NOT_FINISHED);
    assertThat(unfinished.details()).isEqualTo(Map.of("agentStatus", "spawning"));
    assertThat(unfinished).hasMessageContaining("a-1").hasMessageContaining("spawning");
    assertThat(rejection(() -> sessions.end("a-0"))).isEqualTo(Reason.AGENT_NOT_FOUND);
    registerFinal("a-2");
    sessions.end("a-2");
    events.fired().clear();
    assertThat(rejection(() -> sessions.end("a-2"))).isEqualTo(Reason.SESSION_NOT_FOUND);
    assertThat(events.fired()).isEmpty();
  }

  @Test
  void openSessionIsFound() {
    registerFinal("a-1");
    assertThat(sessions.find("a-1").agentId()).isEqualTo("a-1");
    sessions.end("a-1");
    assertThat(rejection(() -> sessions.find("a-1"))).isEqualTo(Reason.SESSION_NOT_FOUND);
    assertThat(rejection(() -> sessions.find("a-0"))).isEqualTo(Reason.AGENT_NOT_FOUND);
  }

  @Test
  void contextIsReplacedWhileTheSessionIsOpen() {
    RawJson context = new RawJson("{\"pid\":4711}");
    registerFinal("a-1");
    assertThat(sessions.replaceContext("a-1", context).context()).isEqualTo(context);
    assertThat(sessions.find("a-1").context()).isEqualTo(context);
    sessions.end("a-1");
    events.fired().clear();
    assertThat(rejection(() -> sessions.replaceContext("a-1", context)))
        .isEqualTo(Reason.SESSION_NOT_FOUND);
    assertThat(rejection(() -> sessions.replaceContext("a-0", context)))
        .isEqualTo(Reason.AGENT_NOT_FOUND);
    assertThat(events.fired()).isEmpty();
  }

  @Test
  void heartbeatOfFinalAgentReturnsReasonAndError() {
    register("a-1");
    TransitionRequest failed =
        new TransitionRequest(AgentStatus.FAILED, "exit code 1", "by hand", null);
    store.move("a-1", failed, AgentStatus.FAILED.sources(), null);
    LifecycleException finished =
        catchThrowableOfType(LifecycleException.class, () -> sessions.heartbeat("a-1", null, null));
    assertThat(finished.reason()).isEqualTo(Reason.AGENT_FINISHED);
    assertThat(finished.details())
        .containsExactly(
            entry("agentStatus", "failed"),
            entry("reason", "by hand"),
            entry("error", "exit code 1"));
  }

  @Test
  void cleanupEndsAllDueSessions() {
    for (int i = 0; i < 1_000; i++) {
      registerFinal("a-" + i);
    }
    register("active");
    while (cleanup.sweep()) {
      // The next step.
    }
    assertThat(events.fired())
        .hasSize(1_000)
        .extracting(AgentEvent::agentId)
        .doesNotHaveDuplicates()
        .doesNotContain("active");
    assertThat(events.fired()).extracting("confirmed").containsOnly(false);
    assertThat(store.stats().openSessions()).isEqualTo(1);
    cleanup.sweep();
    assertThat(events.fired()).hasSize(1_000);
  }

  @Test
  void failingObserverDoesNotPreventCleanup() {
    registerFinal("a-1");
    registerFinal("a-2");
    events.observeBy(
        event -> {
          throw new IllegalStateException("failure of an observer");
        });
    try (LogCapture log = new LogCapture(AgentEventPublisher.class)) {
      cleanup.sweep();
      assertThat(log.records()).hasSize(2);
    }
    assertThat(store.stats().openSessions()).isZero();
  }

  @Test
  void invalidCleanupDelayPreventsStartup() {
    assertThat(Stream.of(Duration.ofMillis(-1), Duration.ofDays(-1)))
        .allSatisfy(
            delay ->
                assertThatThrownBy(() -> new SessionSettings(delay, Optional.empty()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("lifecycle.session.cleanup-delay "));
    assertThat(new SessionSettings(Duration.ZERO, Optional.empty()).cleanupDelay()).isZero();
  }
}
