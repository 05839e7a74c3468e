package org.agentlifecycle.valkey;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.AgentVersion;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.agent.RegisterResult;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.agent.TransitionResult;
import org.agentlifecycle.contract.StoreSettings;
import org.agentlifecycle.harness.TestStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Records of the previous release, whose servers still run during a rolling upgrade. */
class PreviousReleaseTest {
  private static final IdempotencyKey KEY = new IdempotencyKey("key-1", "content", "text");

  private ValkeyUnderTest store;

  @BeforeEach
  void open() {
    store = ValkeyUnderTest.on(TestStore.uri(), StoreSettings.QUIET);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private RegisterResult register(IdempotencyKey key) {
    return store
        .agents()
        .register(new Registration("a-1", "task-1", Map.of(), null, null, null), key);
  }

  /** The previous release stores only the fingerprint of the text. */
  private void storedByThePreviousRelease() {
    register(KEY);
    store.client().hdel(store.key("once:key-1"), "content");
  }

  @Test
  void sameTextIsReplayedFromItsRecord() {
    storedByThePreviousRelease();
    assertThat(register(new IdempotencyKey("key-1", "content", "text")))
        .isInstanceOfSatisfying(
            RegisterResult.Registered.class, replayed -> assertThat(replayed.replayed()).isTrue());
  }

  @Test
  void anotherTextIsRejectedByItsRecord() {
    storedByThePreviousRelease();
    assertThat(register(new IdempotencyKey("key-1", "content", "another text")))
        .isEqualTo(new RegisterResult.KeyReused());
    assertThat(store.events()).hasSize(1);
  }

  /** The previous release compares only this field. */
  @Test
  void recordOfThisReleaseHasTheFingerprintOfTheText() {
    register(KEY);
    assertThat(store.client().hget(store.key("once:key-1"), "fingerprint")).isEqualTo("text");
  }

  @Test
  void replayOfItsRegistrationHasNoSequence() {
    register(KEY);
    store
        .client()
        .eval(
            "local a = cmsgpack.unpack(redis.call('HGET', KEYS[1], 'answer')) a[5] = nil "
                + "redis.call('HSET', KEYS[1], 'answer', cmsgpack.pack(a))",
            1,
            store.key("once:key-1"));
    assertThat(register(KEY))
        .isInstanceOfSatisfying(
            RegisterResult.Registered.class,
            replayed ->
                assertThat(replayed.transition().agent().sequence())
                    .isEqualTo(Agent.UNKNOWN_SEQUENCE));
  }

  @Test
  void sessionThatItEndedIsNeitherConfirmedNorUnconfirmed() {
    register(null);
    store
        .agents()
        .move("a-1", TransitionRequest.to(AgentStatus.KILLED), AgentStatus.KILLED.sources(), null);
    store.sessions().endSession("a-1");
    store.client().hdel(store.key("agent:a-1"), "confirmed");
    assertThat(store.agents().find("a-1").orElseThrow().sessionConfirmed()).isNull();
  }

  /**
   * The counter may be lost, or fall behind in a failover; the time of the registration differs.
   */
  @Test
  void lostSequenceCounterDoesNotReviveAnEntityTag() {
    AgentVersion former =
        AgentVersion.of(((RegisterResult.Registered) register(null)).transition().agent());
    store.client().keys(store.key("*")).forEach(store.client()::del);
    while (store.now().toEpochMilli() == former.spawnedAt()) {
      Thread.onSpinWait();
    }
    AgentVersion current =
        AgentVersion.of(((RegisterResult.Registered) register(null)).transition().agent());
    assertThat(current.sequence()).isEqualTo(former.sequence());
    assertThat(
            store
                .agents()
                .move(
                    "a-1",
                    new TransitionRequest(AgentStatus.RUNNING, null, null, Set.of(former)),
                    AgentStatus.RUNNING.sources(),
                    null))
        .isEqualTo(new TransitionResult.VersionMismatch(1));
  }
}
