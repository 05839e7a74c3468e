package org.agentlifecycle.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.agent.RegisterResult;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.memory.InMemoryStore;
import org.agentlifecycle.memory.ManualScheduler;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ForwarderTest {
  private final InMemoryStore store = new InMemoryStore(Duration.ZERO);
  private final ManualScheduler scheduler = new ManualScheduler();
  private final Forwarder forwarder =
      new Forwarder(
          new FeedStore() {
            @Override
            public ForwardResult forward(int limit) {
              return ForwarderTest.this.forward(limit);
            }

            @Override
            public FeedSlice read(EventId after, int limit) {
              throw new UnsupportedOperationException("a forwarder reads nothing");
            }

            @Override
            public EventId lastEventId() {
              throw new UnsupportedOperationException("a forwarder reads nothing");
            }

            @Override
            public boolean awaitEvent(EventId after, Duration timeout) {
              throw new UnsupportedOperationException("a forwarder waits for nothing");
            }
          });

  private boolean storeIsAway;
  private int calls;
  private int registered;

  @BeforeEach
  void inject() {
    scheduler.injectInto(forwarder);
  }

  private ForwardResult forward(int limit) {
    calls++;
    if (storeIsAway) {
      throw LifecycleException.storeUnavailable(Duration.ofSeconds(1), null);
    }
    return store.feed().forward(limit);
  }

  private AgentEvent happens() {
    Registration agent =
        new Registration("a-" + registered++, "task-1", Map.of(), null, null, null);
    return ((RegisterResult.Registered) store.register(agent, null)).transition().event();
  }

  @Test
  void nothingIsForwardedOnTheThreadOfTheOneWhoMovedAnAgent() {
    forwarder.onAgentEvent(happens());
    assertThat(calls).isZero();
    scheduler.run();
    assertThat(store.feed().channel()).isEqualTo(store.feed().events()).hasSize(1);
  }

  @Test
  void manyEventsShareOneCall() {
    for (int i = 0; i < 100; i++) {
      forwarder.onAgentEvent(happens());
    }
    assertThat(scheduler.waiting()).isEqualTo(1);
    scheduler.run();
    assertThat(calls).isEqualTo(1);
    assertThat(store.feed().channel()).isEqualTo(store.feed().events()).hasSize(100);
  }

  @Test
  void anEventAfterAForwardAsksAgain() {
    forwarder.onAgentEvent(happens());
    scheduler.run();
    forwarder.onAgentEvent(happens());
    scheduler.run();
    assertThat(store.feed().channel()).isEqualTo(store.feed().events()).hasSize(2);
  }

  @Test
  void whatAnotherServerLeftBehindIsForwardedByThePassHoweverMuchItIs() {
    for (int i = 0; i < 1_700; i++) {
      happens();
    }
    int steps = 1;
    while (forwarder.sweep()) {
      steps++;
    }
    assertThat(steps).isEqualTo(4);
    assertThat(store.feed().channel()).isEqualTo(store.feed().events()).hasSize(1_700);
  }

  @Test
  void aForwardThatFailsIsMadeUpForByTheNext() {
    storeIsAway = true;
    forwarder.onAgentEvent(happens());
    assertThatCode(scheduler::run).doesNotThrowAnyException();
    storeIsAway = false;
    forwarder.onAgentEvent(happens());
    scheduler.run();
    assertThat(store.feed().channel()).isEqualTo(store.feed().events()).hasSize(2);
  }

  /** A pass reports its failure to the sweeper, who says it once. */
  @Test
  void aPassThatFailsSaysSo() {
    storeIsAway = true;
    assertThatThrownBy(forwarder::sweep).isInstanceOf(LifecycleException.class);
  }

  @Test
  void aServerThatStopsNeitherFailsTheMoveNorForgetsToAskLater() {
    scheduler.stop();
    AgentEvent event = happens();
    assertThatCode(() -> forwarder.onAgentEvent(event)).doesNotThrowAnyException();
    assertThatCode(() -> forwarder.onAgentEvent(event)).doesNotThrowAnyException();
    assertThat(calls).isZero();
  }

  @Test
  void aFeedThatKeepsNothingStopsTheStartAndNamesItsKey() {
    assertThatThrownBy(() -> new FeedSettings(0, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("lifecycle.feed.max-events ");
    assertThat(new FeedSettings(1, 0).maxEvents()).isEqualTo(1);
  }
}
