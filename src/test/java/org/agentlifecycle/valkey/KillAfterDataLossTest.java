package org.agentlifecycle.valkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.net.URI;
import java.util.Map;
import java.util.stream.Stream;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.contract.StoreSettings;
import org.agentlifecycle.harness.EmbeddedStore;
import org.agentlifecycle.harness.TestStore;
import org.agentlifecycle.kill.Kill;
import org.agentlifecycle.kill.KillRequest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A bulk kill depends neither on the content of the feed nor on the counter of spawn sequences. */
class KillAfterDataLossTest {
  private static final KillRequest ALL = new KillRequest(null, null, Map.of(), null, false);

  private static EmbeddedStore redis;

  @BeforeAll
  static void start() {
    redis = EmbeddedStore.startBundled();
  }

  @AfterAll
  static void stop() {
    redis.close();
  }

  static Stream<Arguments> losses() {
    return Stream.of("feed trimmed", "feed", "seq", "feed seq")
        .flatMap(lost -> Stream.of(arguments(lost, "run"), arguments(lost, "bundled")));
  }

  @ParameterizedTest(name = "{0} lost, store {1}")
  @MethodSource("losses")
  void killMatchesAllAgentsOfItsStart(String lost, String which) {
    URI uri = which.equals("run") ? TestStore.uri() : redis.uri();
    try (ValkeyUnderTest store = ValkeyUnderTest.on(uri, StoreSettings.QUIET)) {
      for (int i = 0; i < 5; i++) {
        register(store, "before-" + i);
      }
      lose(store, lost);
      store.kills().start("k-1", ALL, null);
      register(store, "after");
      while (!store.kills().step("k-1", 2, AgentStatus.KILLED.sources()).done()) {
        assertThat(store.kills().findKill("k-1").orElseThrow().killed()).isLessThanOrEqualTo(5);
      }
      Kill kill = store.kills().findKill("k-1").orElseThrow();
      assertThat(kill.matched()).isEqualTo(5);
      assertThat(kill.killed()).isEqualTo(5);
      assertThat(store.agents().find("after").orElseThrow().status())
          .isEqualTo(AgentStatus.SPAWNING);
    }
  }

  private static void register(ValkeyUnderTest store, String id) {
    store.agents().register(new Registration(id, "task-1", Map.of(), null, null, null), null);
  }

  private static void lose(ValkeyUnderTest store, String lost) {
    if (lost.equals("feed trimmed")) {
      store.trimFeed(0);
      return;
    }
    for (String key : lost.split(" ")) {
      assertThat(store.client().del(store.key(key))).isEqualTo(1);
    }
  }
}
