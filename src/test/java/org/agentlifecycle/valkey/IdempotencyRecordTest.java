package org.agentlifecycle.valkey;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.agent.RawJson;
import org.agentlifecycle.agent.RegisterResult;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.agent.TransitionResult;
import org.agentlifecycle.contract.StoreSettings;
import org.agentlifecycle.harness.EmbeddedStore;
import org.agentlifecycle.harness.TestStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Size, expiry and format of the idempotency records in the store. */
class IdempotencyRecordTest {
  private static final IdempotencyKey KEY =
      new IdempotencyKey("key-1", "c".repeat(64), "t".repeat(64));
  private static final IdempotencyKey MOVE =
      new IdempotencyKey("key-2", "c".repeat(64), "t".repeat(64));
  private static final RawJson METADATA = new RawJson("{\"m\":\"" + "x".repeat(16_000) + "\"}");

  private static EmbeddedStore redis;

  @BeforeAll
  static void start() {
    redis = EmbeddedStore.startBundled();
  }

  @AfterAll
  static void stop() {
    redis.close();
  }

  private static ValkeyUnderTest open(String which, StoreSettings settings) {
    URI uri = which.equals("run") ? TestStore.uri() : redis.uri();
    return ValkeyUnderTest.on(uri, settings);
  }

  private static RegisterResult register(ValkeyUnderTest store) {
    return store
        .agents()
        .register(
            new Registration("a-1", "task-1", Map.of("team", "x"), METADATA, null, null), KEY);
  }

  private static TransitionResult.Applied move(ValkeyUnderTest store) {
    return (TransitionResult.Applied)
        store
            .agents()
            .move(
                "a-1",
                TransitionRequest.to(AgentStatus.RUNNING),
                AgentStatus.RUNNING.sources(),
                MOVE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"run", "bundled"})
  void recordDoesNotContainTheMetadata(String which) {
    try (ValkeyUnderTest store = open(which, StoreSettings.QUIET)) {
      register(store);
      TransitionResult.Applied first = move(store);
      for (IdempotencyKey key : new IdempotencyKey[] {KEY, MOVE}) {
        long bytes = store.client().memoryUsage(store.key("once:" + key.key()), 0);
        assertThat(bytes).as("bytes of the record %s", key.key()).isLessThan(1000);
      }
      assertThat(move(store)).isEqualTo(new TransitionResult.Applied(first.transition(), true));
      assertThat(first.transition().agent().metadata()).isEqualTo(METADATA);
    }
  }

  /** P106751991166D is the longest duration whose milliseconds fit into a long. */
  @ParameterizedTest
  @ValueSource(strings = {"run", "bundled"})
  void longestRetentionStillHasAnExpiry(String which) {
    long longest = Duration.ofDays(106_751_991_166L).toMillis();
    try (ValkeyUnderTest store = open(which, StoreSettings.QUIET)) {
      List<Object> reply =
          store
              .functions()
              .write(
                  "register",
                  "a-1",
                  "task-1",
                  "",
                  "",
                  "",
                  "",
                  0,
                  "",
                  "",
                  "",
                  "",
                  "key-1",
                  "text",
                  longest,
                  "content");
      assertThat(ReplyReader.text(reply, 0)).isEqualTo("ok");
      assertThat(store.agents().find("a-1")).isPresent();
      assertThat(store.client().pttl(store.key("once:key-1")))
          .isBetween(1L, Duration.ofDays(3650).toMillis());
    }
  }

  /** The previous release stores all fields of the agent and no fingerprint of the content. */
  @ParameterizedTest
  @ValueSource(strings = {"run", "bundled"})
  void transitionOfThePreviousReleaseIsReplayed(String which) {
    try (ValkeyUnderTest store = open(which, StoreSettings.QUIET)) {
      register(store);
      TransitionResult.Applied first = move(store);
      store
          .client()
          .eval(
              "local a = cmsgpack.unpack(redis.call('HGET', KEYS[1], 'answer')) "
                  + "a[5] = redis.call('HMGET', KEYS[2], 'status', 'version', 'task', 'spawned', "
                  + "'started', 'completed', 'error', 'labels', 'metadata', 'seq', 'lease') "
                  + "redis.call('HSET', KEYS[1], 'answer', cmsgpack.pack(a)) "
                  + "return redis.call('HDEL', KEYS[1], 'content')",
              2,
              store.key("once:key-2"),
              store.key("agent:a-1"));
      store
          .agents()
          .move(
              "a-1", TransitionRequest.to(AgentStatus.KILLED), AgentStatus.KILLED.sources(), null);
      assertThat(move(store)).isEqualTo(new TransitionResult.Applied(first.transition(), true));
      store.client().del(store.key("agent:a-1"));
      assertThat(move(store)).isEqualTo(new TransitionResult.Applied(first.transition(), true));
    }
  }
}
