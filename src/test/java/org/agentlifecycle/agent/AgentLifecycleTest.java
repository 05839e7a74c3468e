package org.agentlifecycle.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.agentlifecycle.agent.LifecycleException.Reason;
import org.agentlifecycle.memory.InMemoryStore;
import org.agentlifecycle.memory.LogCapture;
import org.agentlifecycle.memory.RecordedEvents;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class AgentLifecycleTest {
  private final InMemoryStore store = new InMemoryStore(Duration.ofHours(1));
  private final RecordedEvents events = new RecordedEvents();
  private final AgentLifecycle lifecycle = lifecycle(Duration.ofSeconds(30));

  private AgentLifecycle lifecycle(Duration timeout) {
    return new AgentLifecycle(store, new AgentEventPublisher(events), settings(timeout));
  }

  private static AgentSettings settings(Duration timeout) {
    return new AgentSettings(timeout, Duration.ofDays(7), Duration.ofDays(1));
  }

  private static Registration registration(String agentId) {
    return new Registration(agentId, "task-1", Map.of(), null, null, null);
  }

  private static LifecycleException rejection(ThrowingCallable call) {
    return catchThrowableOfType(LifecycleException.class, call);
  }

  @Test
  void committedTransitionsFireEventsInOrder() {
    lifecycle.register(registration("a-1"), null);
    lifecycle.move("a-1", TransitionRequest.to(AgentStatus.RUNNING), null);
    lifecycle.register(registration("a-2"), null);
    lifecycle.move("a-1", TransitionRequest.failed("exit code 1"), null);
    lifecycle.move("a-2", TransitionRequest.to(AgentStatus.KILLED), null);
    assertThat(events.fired()).hasSize(5).isEqualTo(store.feed().events());
  }

  @Test
  void moveReturnsTheAgentAfterTheTransition() {
    assertThat(lifecycle.register(registration("a-1"), null)).isEqualTo(lifecycle.find("a-1"));
    Agent running = lifecycle.move("a-1", TransitionRequest.to(AgentStatus.RUNNING), null);
    assertThat(running).isEqualTo(lifecycle.find("a-1"));
    assertThat(running.status()).isEqualTo(AgentStatus.RUNNING);
  }

  @Test
  void rejectedCallFiresNoEvent() {
    lifecycle.register(registration("a-1"), null);
    lifecycle.move("a-1", TransitionRequest.to(AgentStatus.KILLED), null);
    events.fired().clear();
    rejection(() -> lifecycle.register(registration("a-1"), null));
    rejection(() -> lifecycle.move("a-1", TransitionRequest.to(AgentStatus.COMPLETED), null));
    rejection(
        () ->
            lifecycle.move(
                "a-1",
                new TransitionRequest(AgentStatus.KILLED, null, null, versionsOfA1(7)),
                null));
    rejection(() -> lifecycle.move("a-0", TransitionRequest.to(AgentStatus.RUNNING), null));
    assertThat(events.fired()).isEmpty();
  }

  @Test
  void failingObserverDoesNotAffectTheTransition() {
    events.observeBy(
        event -> {
          throw new IllegalStateException("failure of an observer");
        });
    try (LogCapture log = new LogCapture(AgentEventPublisher.class)) {
      Agent agent = lifecycle.register(registration("a-1"), null);
      assertThat(agent).isEqualTo(lifecycle.find("a-1"));
      assertThat(log.records())
          .filteredOn(line -> line.getThrown() != null)
          .singleElement()
          .satisfies(
              line -> {
                assertThat(line.getLevel()).isEqualTo(Level.SEVERE);
                assertThat(line.getThrown()).hasMessage("failure of an observer");
              });
      assertThat(lifecycle.move("a-1", TransitionRequest.to(AgentStatus.RUNNING), null).version())
          .isEqualTo(2);
    }
  }

  @Test
  void existingIdIsRejected() {
    lifecycle.register(registration("a-1"), null);
    LifecycleException rejected = rejection(() -> lifecycle.register(registration("a-1"), null));
    assertThat(rejected.reason()).isEqualTo(Reason.AGENT_EXISTS);
    assertThat(rejected).hasMessageContaining("a-1");
  }

  @Test
  void illegalTransitionReturnsAllowedStatuses() {
    lifecycle.register(registration("a-1"), null);
    LifecycleException rejected =
        rejection(() -> lifecycle.move("a-1", TransitionRequest.to(AgentStatus.COMPLETED), null));
    assertThat(rejected.reason()).isEqualTo(Reason.ILLEGAL_TRANSITION);
    assertThat(rejected).hasMessage("invalid transition of agent a-1 from spawning to completed");
    assertThat(rejected.details())
        .isEqualTo(
            Map.of(
                "from",
                "spawning",
                "to",
                "completed",
                "allowed",
                List.of("running", "failed", "killed")));
  }

  @ParameterizedTest
  @EnumSource(
      value = AgentStatus.class,
      names = {"COMPLETED", "FAILED", "KILLED"})
  void finalAgentRejectsEveryTransition(AgentStatus last) {
    lifecycle.register(registration("a-1"), null);
    lifecycle.move("a-1", TransitionRequest.to(AgentStatus.RUNNING), null);
    Agent done = lifecycle.move("a-1", move(last), null);
    assertThat(Stream.of(AgentStatus.values()))
        .allSatisfy(
            to -> {
              LifecycleException rejected = rejection(() -> lifecycle.move("a-1", move(to), null));
              assertThat(rejected.reason()).isEqualTo(Reason.ILLEGAL_TRANSITION);
              assertThat(rejected.details())
                  .containsEntry("from", last.wireName())
                  .containsEntry("allowed", List.of());
            });
    assertThat(lifecycle.find("a-1")).isEqualTo(done);
  }

  private static TransitionRequest move(AgentStatus to) {
    return to == AgentStatus.FAILED
        ? TransitionRequest.failed("exit code 1")
        : TransitionRequest.to(to);
  }

  private Set<AgentVersion> versionsOfA1(long... versions) {
    Agent agent = lifecycle.find("a-1");
    return LongStream.of(versions)
        .mapToObj(v -> new AgentVersion(agent.sequence(), agent.spawnedAt().toEpochMilli(), v))
        .collect(Collectors.toSet());
  }

  @Test
  void staleVersionIsRejectedWithCurrentVersion() {
    lifecycle.register(registration("a-1"), null);
    LifecycleException stale =
        rejection(
            () ->
                lifecycle.move(
                    "a-1",
                    new TransitionRequest(AgentStatus.RUNNING, null, null, versionsOfA1(2, 3)),
                    null));
    assertThat(stale.reason()).isEqualTo(Reason.VERSION_MISMATCH);
    assertThat(stale.details()).isEqualTo(Map.of("version", 1L));
  }

  @Test
  void unknownAgentIsNotFound() {
    assertThat(
            Stream.<ThrowingCallable>of(
                () -> lifecycle.find("a-0"),
                () -> lifecycle.history("a-0"),
                () -> lifecycle.move("a-0", TransitionRequest.to(AgentStatus.RUNNING), null)))
        .allSatisfy(
            call -> {
              LifecycleException missing = rejection(call);
              assertThat(missing.reason()).isEqualTo(Reason.AGENT_NOT_FOUND);
              assertThat(missing).hasMessageContaining("a-0");
            });
  }

  @Test
  void historyEqualsTheEvents() {
    lifecycle.register(registration("a-1"), null);
    lifecycle.move(
        "a-1", new TransitionRequest(AgentStatus.FAILED, "exit code 1", "by hand", null), null);
    assertThat(lifecycle.history("a-1"))
        .extracting(Transition::eventId)
        .isEqualTo(events.fired().stream().map(AgentEvent::id).toList());
    assertThat(lifecycle.history("a-1"))
        .last()
        .satisfies(
            last -> {
              assertThat(last.error()).isEqualTo("exit code 1");
              assertThat(last.reason()).isEqualTo("by hand");
            });
  }

  @Test
  void onlyFailuresAndKillsAreLoggedByDefault() {
    try (LogCapture log = new LogCapture(AgentEventPublisher.class)) {
      lifecycle.register(registration("a-1"), null);
      lifecycle.move("a-1", TransitionRequest.to(AgentStatus.RUNNING), null);
      lifecycle.move(
          "a-1",
          new TransitionRequest(AgentStatus.FAILED, "line\nbreak", "an\r\nother", null),
          null);
      lifecycle.register(registration("a-2"), null);
      lifecycle.move("a-2", TransitionRequest.to(AgentStatus.KILLED), null);
      rejection(() -> lifecycle.move("a-2", TransitionRequest.to(AgentStatus.RUNNING), null));
      assertThat(log.lines())
          .containsExactly(
              "agent a-1: new -> spawning, version 1",
              "agent a-1: spawning -> running, version 2",
              "agent a-1: running -> failed, version 3",
              "agent a-2: new -> spawning, version 1",
              "agent a-2: spawning -> killed, version 2");
      assertThat(log.records())
          .extracting(LogRecord::getLevel)
          .containsExactly(Level.FINE, Level.FINE, Level.INFO, Level.FINE, Level.INFO);
    }
  }

  /** The lock is held until the observers of the first call have returned. */
  @Test
  void eventsOfOneAgentAreObservedOneAfterAnother() throws Exception {
    lifecycle.register(registration("a-1"), null);
    CountDownLatch observing = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    events.observeBy(
        event -> {
          if (event.type() == AgentEvent.Type.RUNNING) {
            observing.countDown();
            awaitQuietly(go);
          }
        });
    Thread first =
        new Thread(() -> lifecycle.move("a-1", TransitionRequest.to(AgentStatus.RUNNING), null));
    first.start();
    assertThat(observing.await(30, TimeUnit.SECONDS)).isTrue();
    LifecycleException busy =
        rejection(() -> lifecycle.move("a-2", TransitionRequest.to(AgentStatus.RUNNING), null));
    assertThat(busy.reason())
        .as("the lock of another agent is free")
        .isEqualTo(Reason.AGENT_NOT_FOUND);
    Thread second =
        new Thread(() -> lifecycle.move("a-1", TransitionRequest.to(AgentStatus.COMPLETED), null));
    second.start();
    Awaitility.await().until(() -> second.getState() == Thread.State.TIMED_WAITING);
    assertThat(lifecycle.find("a-1").status()).isEqualTo(AgentStatus.RUNNING);
    go.countDown();
    first.join();
    second.join();
    assertThat(events.fired())
        .extracting(AgentEvent::type)
        .containsExactly(
            AgentEvent.Type.SPAWNED, AgentEvent.Type.RUNNING, AgentEvent.Type.COMPLETED);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void missingIdIsGeneratedOncePerRegistration() {
    List<String> generated =
        IntStream.range(0, 1000)
            .mapToObj(i -> lifecycle.register(registration(null), null).agentId())
            .toList();
    assertThat(generated).doesNotHaveDuplicates().allMatch(id -> id.matches(Agent.ID_PATTERN));
  }

  @Test
  void invalidLockTimeoutPreventsStartup() {
    assertThat(
            catchThrowableOfType(
                IllegalArgumentException.class, () -> settings(Duration.ofMillis(-1))))
        .hasMessageContaining("lifecycle.lock.patience");
  }
}
