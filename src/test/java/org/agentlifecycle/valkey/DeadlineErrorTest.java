package org.agentlifecycle.valkey;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.Timeouts;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.config.IsoDuration;
import org.agentlifecycle.contract.StoreSettings;
import org.agentlifecycle.harness.TestStore;
import org.junit.jupiter.api.Test;

/** The function library formats a timeout as {@link IsoDuration}. */
class DeadlineErrorTest {

  private static Stream<Duration> timeouts() {
    Stream<String> special =
        Stream.of(
            "PT1S",
            "PT2M",
            "PT1H",
            "PT1H30M",
            "PT1M40S",
            "P1D",
            "P365D",
            "PT36H0M1S",
            "PT0.001S",
            "PT1.5S",
            "PT10S",
            "PT10.010S",
            "PT59.999S",
            "PT1H0.1S",
            "PT100M",
            "PT20.2S");
    Random random = new Random(3);
    LongStream others =
        IntStream.range(0, 200).mapToLong(i -> 1 + (long) Math.pow(10, random.nextDouble() * 10));
    return Stream.concat(special.map(Duration::parse), others.mapToObj(Duration::ofMillis));
  }

  @Test
  void errorHasTheTimeoutAsJavaFormatsIt() {
    try (ValkeyUnderTest store = ValkeyUnderTest.on(TestStore.uri(), StoreSettings.QUIET)) {
      timeouts()
          .forEach(
              timeout -> {
                register(store, "s-" + timeout, new Timeouts(timeout, null));
                backdate(store, "s-" + timeout, "spawned");
                register(store, "r-" + timeout, new Timeouts(null, timeout));
                TransitionRequest running = TransitionRequest.to(AgentStatus.RUNNING);
                store.agents().move("r-" + timeout, running, AgentStatus.RUNNING.sources(), null);
                backdate(store, "r-" + timeout, "started");
              });
      store.supervision().expireDeadlines(1_000);
      assertThat(timeouts())
          .allSatisfy(
              timeout -> {
                assertThat(error(store, "s-" + timeout))
                    .isEqualTo("not started within " + IsoDuration.format(timeout));
                assertThat(error(store, "r-" + timeout))
                    .isEqualTo("not finished within " + IsoDuration.format(timeout));
              });
    }
  }

  private static void register(ValkeyUnderTest store, String agentId, Timeouts timeouts) {
    store
        .agents()
        .register(
            new Registration(agentId, "task-1", Map.of(), null, null, null, timeouts, null), null);
  }

  /** As if the agent was in its status since 1970. */
  private static void backdate(ValkeyUnderTest store, String agentId, String field) {
    store.client().hset(store.key("agent:" + agentId), field, "1");
    store.client().zadd(store.key("deadlines"), 1, agentId);
  }

  private static String error(ValkeyUnderTest store, String agentId) {
    return store.agents().find(agentId).orElseThrow().error();
  }
}
