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
              throw new UnsupportedOperationException("a forwarder does not read");
            }

            @Override
            public EventId lastEventId() {
              throw new UnsupportedOperationException("a forwarder does not read");
            }

            @Override
            public boolean awaitEvent(EventId after, Duration timeout) {
              throw new UnsupportedOperationException("a forwarder does not wait");
            }
          });

  private Runnable duringFirstCall = () -> {};
  private boolean storeIsUnavailable;
  private int calls;
  private int registered;

  @BeforeEach
  void inject() {
    scheduler.injectInto(forwarder);
  }

  private ForwardResult forward(int limit) {
    calls++;
    if (calls == 1) {
      duringFirstCall.run();
    }
    if (storeIsUnavailable) {
      throw LifecycleException.storeUnavailable(Duration.ofSeconds(1), null);
    }
    return store.feed().forward(limit);
  }

  private AgentEvent register() {
    Registration agent =
        new Registration("a-" + registered++, "task-1", Map.of(), null, null, null);
    return ((RegisterResult.Registered) store.register(agent, null)).transition().event();
  }

  @Test
  void eventIsNotForwardedOnTheCallingThread() {
    forwarder.onAgentEvent(register());
    assertThat(calls).isZero();
    scheduler.run();
    assertThat(store.feed().channel()).isEqualTo(store.feed().events()).hasSize(1);
  }

  @Test
  void manyEventsAreForwardedInOneCall() {
    for (int i = 0; i < 100; i++) {
      forwarder.onAgentEvent(register());
    }
    assertThat(scheduler.waiting()).isEqualTo(1);
    scheduler.run();
    assertThat(calls).isEqualTo(1);
    assertThat(store.feed().channel()).isEqualTo(store.feed().events()).hasSize(100);
  }

  @Test
  void eventAfterForwardingIsScheduledAgain() {
    forwarder.onAgentEvent(register());
    scheduler.run();
    forwarder.onAgentEvent(register());
    scheduler.run();
    assertThat(store.feed().channel()).isEqualTo(store.feed().events()).hasSize(2);
  }

  @Test
  void eventDuringARunIsForwardedByTheSameRun() {
    duringFirstCall = () -> forwarder.onAgentEvent(register());
    forwarder.onAgentEvent(register());
    scheduler.run();
    assertThat(scheduler.waiting()).isZero();
    assertThat(store.feed().channel()).isEqualTo(store.feed().events()).hasSize(2);
    assertThat(calls).isEqualTo(2);
  }

  @Test
  void sweepForwardsAllEventsOfOtherServers() {
    for (int i = 0; i < 1_700; i++) {
      register();
    }
    int steps = 1;
    while (forwarder.sweep()) {
      steps++;
    }
    assertThat(steps).isEqualTo(4);
    assertThat(store.feed().channel()).isEqualTo(store.feed().events()).hasSize(1_700);
  }

  @Test
  void failedForwardIsRepeatedByTheNext() {
    storeIsUnavailable = true;
    forwarder.onAgentEvent(register());
    assertThatCode(scheduler::run).doesNotThrowAnyException();
    storeIsUnavailable = false;
    forwarder.onAgentEvent(register());
    scheduler.run();
    assertThat(store.feed().channel()).isEqualTo(store.feed().events()).hasSize(2);
  }

  /** The sweeper logs the failure. */
  @Test
  void failedSweepThrows() {
    storeIsUnavailable = true;
    assertThatThrownBy(forwarder::sweep).isInstanceOf(LifecycleException.class);
  }

  @Test
  void stoppedSchedulerDoesNotFailTheTransition() {
    scheduler.stop();
    AgentEvent event = register();
    assertThatCode(() -> forwarder.onAgentEvent(event)).doesNotThrowAnyException();
    assertThatCode(() -> forwarder.onAgentEvent(event)).doesNotThrowAnyException();
    assertThat(calls).isZero();
  }

  @Test
  void invalidMaxEventsPreventsStartup() {
    assertThatThrownBy(() -> new FeedSettings(0, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("lifecycle.feed.max-events ");
    assertThat(new FeedSettings(1, 0).maxEvents()).isEqualTo(1);
  }
}
