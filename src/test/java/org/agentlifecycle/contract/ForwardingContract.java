package org.agentlifecycle.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentStatus;
import org.junit.jupiter.api.Test;

/** Contract of publishing the events of the feed. */
interface ForwardingContract extends StoreContractSupport {

  @Test
  default void eventsArePublishedOnceInTheOrderOfTheFeed() {
    use(DUE_IMMEDIATELY);
    for (int i = 0; i < 8; i++) {
      register("a-" + i);
    }
    for (int i = 7; i >= 0; i--) {
      moveTo("a-" + i, FINAL_STATUSES.get(i % FINAL_STATUSES.size()));
    }
    store().sessions().endSession("a-0");
    store().sessions().cleanUpDueSessions(100).results();
    List<AgentEvent> events = store().events();
    assertThat(store().published()).isEmpty();
    for (int left = events.size(); left > 0; left -= 10) {
      assertThat(store().feed().forward(10).published()).isEqualTo(Math.min(left, 10));
    }
    assertThat(store().feed().forward(10).published()).isZero();
    assertThat(store().published()).isEqualTo(events);
  }

  @Test
  default void laterEventsArePublishedByTheNextForward() {
    register("a-1");
    assertThat(store().feed().forward(10).published()).isEqualTo(1);
    assertThat(store().feed().forward(10).published()).isZero();
    moved("a-1", AgentStatus.RUNNING);
    register("a-2");
    assertThat(store().feed().forward(10).published()).isEqualTo(2);
    assertThat(store().published()).isEqualTo(store().events());
  }

  @Test
  default void eventIdsAreUnique() {
    for (int i = 0; i < 20; i++) {
      register("a-" + i);
    }
    assertThat(store().events().stream().map(AgentEvent::id).collect(Collectors.toSet()))
        .hasSize(20);
  }
}
