package org.agentlifecycle.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.AgentVersion;
import org.agentlifecycle.agent.CommittedTransition;
import org.agentlifecycle.agent.TransitionEvent;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.agent.TransitionResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Contract of the transitions of agents. */
interface TransitionContract extends StoreContractSupport {

  static Stream<Arguments> everyPair() {
    return Arrays.stream(AgentStatus.values())
        .flatMap(from -> Arrays.stream(AgentStatus.values()).map(to -> arguments(from, to)));
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @MethodSource("org.agentlifecycle.contract.TransitionContract#everyPair")
  default void onlyLegalTransitionsAreApplied(AgentStatus from, AgentStatus to) {
    register("a-1");
    moveTo("a-1", from);
    Agent before = found("a-1");
    int events = store().events().size();
    TransitionResult result = tryMove("a-1", move(to));
    if (from.next().contains(to)) {
      CommittedTransition change = ((TransitionResult.Applied) result).transition();
      assertThat(change.agent().status()).isEqualTo(to);
      assertThat(change.agent().version()).isEqualTo(before.version() + 1);
      assertThat(found("a-1")).isEqualTo(change.agent());
      assertThat(store().events()).hasSize(events + 1).last().isEqualTo(change.event());
    } else {
      assertThat(result).isEqualTo(new TransitionResult.Illegal(from));
      assertThat(found("a-1")).isEqualTo(before);
      assertThat(store().events()).hasSize(events);
    }
  }

  @Test
  default void eventOfATransitionHasAllItsFields() {
    register("a-1");
    CommittedTransition change =
        moved("a-1", new TransitionRequest(AgentStatus.FAILED, NASTY, NASTY + "!", null));
    TransitionEvent event = change.event();
    assertThat(event)
        .isEqualTo(
            new TransitionEvent(
                event.id(),
                "a-1",
                "task-1",
                change.agent().completedAt(),
                2,
                AgentStatus.SPAWNING,
                AgentStatus.FAILED,
                NASTY,
                NASTY + "!",
                null,
                null));
    assertThat(event.type()).isEqualTo(AgentEvent.Type.FAILED);
    assertThat(store().events()).last().isEqualTo(event);
    assertThat(found("a-1").error()).isEqualTo(NASTY);
  }

  @Test
  default void longestErrorAndReasonAreStoredCompletely() {
    String text = "語".repeat(Agent.MAX_TEXT_LENGTH);
    register("a-1");
    moved("a-1", new TransitionRequest(AgentStatus.FAILED, text, text, null));
    assertThat(found("a-1").error()).isEqualTo(text);
    assertThat(transitionEvents()).last().extracting(TransitionEvent::reason).isEqualTo(text);
  }

  @Test
  default void startAndEndOfAnAgentAreRecordedOnce() {
    Agent spawned = register("a-1").agent();
    CommittedTransition running = moved("a-1", AgentStatus.RUNNING);
    assertThat(running.agent().startedAt()).isEqualTo(running.event().timestamp());
    assertThat(running.agent().completedAt()).isNull();
    CommittedTransition completed = moved("a-1", AgentStatus.COMPLETED);
    assertThat(completed.agent().spawnedAt()).isEqualTo(spawned.spawnedAt());
    assertThat(completed.agent().startedAt()).isEqualTo(running.agent().startedAt());
    assertThat(completed.agent().completedAt()).isEqualTo(completed.event().timestamp());
    assertThat(completed.agent().error()).isNull();
  }

  @Test
  default void repeatedStartKeepsTheFirstStartTime() {
    register("a-1");
    Instant started = moved("a-1", AgentStatus.RUNNING).agent().startedAt();
    TransitionRequest again = TransitionRequest.to(AgentStatus.RUNNING);
    for (int version = 3; version < 20; version++) {
      TransitionResult result =
          store().agents().move("a-1", again, List.of(AgentStatus.RUNNING), null);
      assertThat(((TransitionResult.Applied) result).transition().agent())
          .satisfies(agent -> assertThat(agent.startedAt()).isEqualTo(started))
          .extracting(Agent::version)
          .isEqualTo((long) version);
    }
  }

  @Test
  default void agentThatDidNotRunHasNoStartTime() {
    register("a-1");
    Agent killed = moved("a-1", AgentStatus.KILLED).agent();
    assertThat(killed.startedAt()).isNull();
    assertThat(killed.completedAt()).isNotNull();
    assertThat(found("a-1")).isEqualTo(killed);
  }

  @Test
  default void onlyAFailedAgentHasAnError() {
    for (AgentStatus last : FINAL_STATUSES) {
      String id = "a-" + last;
      register(id);
      moveTo(id, last);
      assertThat(found(id).error()).isEqualTo(last == AgentStatus.FAILED ? "exit code 1" : null);
    }
  }

  @Test
  default void callerDefinesTheLegalSourceStatuses() {
    register("a-1");
    assertThat(
            store()
                .agents()
                .move("a-1", TransitionRequest.to(AgentStatus.RUNNING), List.of(), null))
        .isEqualTo(new TransitionResult.Illegal(AgentStatus.SPAWNING));
    assertThat(
            store()
                .agents()
                .move(
                    "a-1",
                    TransitionRequest.to(AgentStatus.COMPLETED),
                    List.of(AgentStatus.RUNNING, AgentStatus.SPAWNING),
                    null))
        .isInstanceOf(TransitionResult.Applied.class);
  }

  @Test
  default void transitionRequiresOneMatchingVersion() {
    register("a-1");
    moved("a-1", AgentStatus.RUNNING);
    for (Set<AgentVersion> wrong :
        List.of(versions("a-1", 1), versions("a-1", 3, 12, 22, 0), Set.<AgentVersion>of())) {
      assertThat(tryMove("a-1", new TransitionRequest(AgentStatus.COMPLETED, null, null, wrong)))
          .isEqualTo(new TransitionResult.VersionMismatch(2));
    }
    assertThat(store().events()).hasSize(2);
    assertThat(found("a-1").status()).isEqualTo(AgentStatus.RUNNING);
    assertThat(
            tryMove(
                "a-1",
                new TransitionRequest(AgentStatus.COMPLETED, null, null, versions("a-1", 1, 2, 3))))
        .isInstanceOf(TransitionResult.Applied.class);
  }

  @Test
  default void versionMismatchIsReportedBeforeIllegalTransition() {
    register("a-1");
    moved("a-1", AgentStatus.KILLED);
    assertThat(
            tryMove(
                "a-1", new TransitionRequest(AgentStatus.RUNNING, null, null, versions("a-1", 1))))
        .isEqualTo(new TransitionResult.VersionMismatch(2));
    assertThat(
            tryMove(
                "a-1", new TransitionRequest(AgentStatus.RUNNING, null, null, versions("a-1", 2))))
        .isEqualTo(new TransitionResult.Illegal(AgentStatus.KILLED));
    assertThat(
            tryMove(
                "a-0", new TransitionRequest(AgentStatus.RUNNING, null, null, versions("a-1", 1))))
        .isEqualTo(new TransitionResult.NotFound());
  }

  @Test
  default void timestampsAreMillisecondsInIncreasingOrder() {
    for (int i = 0; i < 50; i++) {
      register("a-" + i);
      moveTo("a-" + i, FINAL_STATUSES.get(i % FINAL_STATUSES.size()));
    }
    List<Instant> times = store().events().stream().map(AgentEvent::timestamp).toList();
    assertThat(times).isSorted().allMatch(at -> at.equals(at.truncatedTo(ChronoUnit.MILLIS)));
  }
}
