package org.agentlifecycle.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.CleanupEvent;
import org.agentlifecycle.agent.RawJson;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.Stats;
import org.agentlifecycle.session.EndSessionResult;
import org.agentlifecycle.session.Session;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Contract of the end of sessions: by the runner or by the cleanup. */
interface CleanupContract extends StoreContractSupport {

  @Test
  default void sessionIsOpenAfterTheRegistration() {
    Agent agent = register("a-1").agent();
    Session open =
        new Session("a-1", agent.spawnedAt(), null, null, null, null, null, null, null, null);
    assertThat(store().sessions().findSession("a-1").session()).contains(open);
    moved("a-1", AgentStatus.RUNNING);
    assertThat(store().sessions().findSession("a-1").session()).contains(open);
  }

  @ParameterizedTest
  @EnumSource(
      value = AgentStatus.class,
      names = {"COMPLETED", "FAILED", "KILLED"})
  default void sessionOfAFinalAgentIsDueAfterTheDelay(AgentStatus last) {
    register(new Registration("a-1", "task-1", Map.of(), null, new RawJson("{\"pid\":1}"), null));
    moveTo("a-1", last);
    assertThat(store().sessions().findSession("a-1").session().orElseThrow())
        .satisfies(
            session -> {
              assertThat(session.cleanupAt())
                  .isEqualTo(found("a-1").completedAt().plus(StoreSettings.NEVER));
              assertThat(session.context()).isEqualTo(new RawJson("{\"pid\":1}"));
            });
    assertThat(store().sessions().cleanUpDueSessions(10).results()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  default void runnerEndsTheSessionOfAFinalAgentOnly(AgentStatus status) {
    register("a-1");
    moveTo("a-1", status);
    Agent agent = found("a-1");
    int events = store().events().size();
    EndSessionResult result = store().sessions().endSession("a-1");
    if (status.isFinal()) {
      AgentEvent event = ((EndSessionResult.Ended) result).event();
      assertThat(event).isEqualTo(cleanup(event, agent, true));
      assertThat(store().events()).hasSize(events + 1).last().isEqualTo(event);
      assertThat(store().sessions().findSession("a-1").session()).isEmpty();
      assertThat(store().sessions().endSession("a-1"))
          .isEqualTo(new EndSessionResult.SessionNotFound());
      assertThat(store().events()).hasSize(events + 1);
      assertThat(found("a-1")).isEqualTo(SessionContract.ended(agent, true));
    } else {
      assertThat(result).isEqualTo(new EndSessionResult.NotFinished(status));
      assertThat(store().events()).hasSize(events);
      assertThat(store().sessions().findSession("a-1").session()).isPresent();
      assertThat(found("a-1")).isEqualTo(agent);
    }
  }

  private static AgentEvent cleanup(AgentEvent event, Agent agent, boolean confirmed) {
    return new CleanupEvent(
        event.id(), agent.agentId(), agent.taskId(), event.timestamp(), agent.version(), confirmed);
  }

  @Test
  default void dueSessionIsCleanedUpOnce() {
    use(DUE_IMMEDIATELY);
    register("living");
    register("a-1");
    moved("a-1", AgentStatus.FAILED);
    Agent agent = found("a-1");
    List<AgentEvent> ended = store().sessions().cleanUpDueSessions(10).results();
    assertThat(ended)
        .singleElement()
        .satisfies(event -> assertThat(event).isEqualTo(cleanup(event, agent, false)));
    assertThat(store().events()).hasSize(4).last().isEqualTo(ended.get(0));
    assertThat(store().sessions().findSession("a-1").session()).isEmpty();
    assertThat(found("a-1")).isEqualTo(SessionContract.ended(agent, false));
    assertThat(store().sessions().cleanUpDueSessions(10).results()).isEmpty();
    assertThat(store().sessions().endSession("a-1"))
        .isEqualTo(new EndSessionResult.SessionNotFound());
    assertThat(store().agents().stats()).isEqualTo(new Stats(1, 0, 0, 1, 0, 1, 0, 0));
    assertThat(store().events()).hasSize(4);
  }

  @Test
  default void sessionThatTheRunnerEndedIsNotCleanedUp() {
    use(DUE_IMMEDIATELY);
    register("a-1");
    moved("a-1", AgentStatus.KILLED);
    store().sessions().endSession("a-1");
    assertThat(store().sessions().cleanUpDueSessions(10).results()).isEmpty();
  }

  @Test
  default void cleanupsRunOldestDueFirstUpToTheLimit() {
    use(DUE_IMMEDIATELY);
    for (int i = 0; i < 25; i++) {
      register("a-" + i);
    }
    Map<String, Instant> due = new HashMap<>();
    for (int i = 24; i >= 0; i--) {
      due.put("a-" + i, moved("a-" + i, AgentStatus.KILLED).agent().completedAt());
    }
    List<AgentEvent> ended = new ArrayList<>();
    for (int expected : new int[] {10, 10, 5, 0}) {
      List<AgentEvent> batch = store().sessions().cleanUpDueSessions(10).results();
      assertThat(batch).hasSize(expected);
      ended.addAll(batch);
    }
    assertThat(ended)
        .extracting(AgentEvent::agentId)
        .doesNotHaveDuplicates()
        .isSortedAccordingTo(Comparator.comparing(due::get));
  }
}
