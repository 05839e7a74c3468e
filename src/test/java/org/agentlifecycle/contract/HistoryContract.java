package org.agentlifecycle.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.Transition;
import org.agentlifecycle.agent.TransitionRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Contract of the history of an agent. */
interface HistoryContract extends StoreContractSupport {

  @ParameterizedTest
  @EnumSource
  default void historyEqualsTheEvents(AgentStatus status) {
    register("a-1");
    register("a-2");
    moved("a-2", AgentStatus.RUNNING);
    if (status == AgentStatus.RUNNING) {
      moved("a-1", new TransitionRequest(AgentStatus.RUNNING, null, NASTY, null));
    } else {
      moveTo("a-1", status);
    }
    assertThat(store().agents().history("a-1").orElseThrow())
        .isEqualTo(
            transitionEvents().stream()
                .filter(event -> event.agentId().equals("a-1"))
                .map(
                    event ->
                        new Transition(
                            event.version(),
                            event.from(),
                            event.to(),
                            event.timestamp(),
                            event.actor(),
                            event.reason(),
                            event.error(),
                            event.id()))
                .toList());
  }

  @Test
  default void endOfTheSessionIsNotPartOfTheHistory() {
    register("a-1");
    moved("a-1", AgentStatus.KILLED);
    List<Transition> before = store().agents().history("a-1").orElseThrow();
    store().sessions().endSession("a-1");
    assertThat(store().agents().history("a-1")).contains(before);
  }
}
