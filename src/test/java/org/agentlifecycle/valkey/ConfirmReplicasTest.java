package org.agentlifecycle.valkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.agentlifecycle.admission.AdmissionSettings;
import org.agentlifecycle.agent.AgentSettings;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.agent.LifecycleException.Reason;
import org.agentlifecycle.agent.RegisterResult;
import org.agentlifecycle.agent.RegisterResult.Registered;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.batch.StorePipeline;
import org.agentlifecycle.harness.EmbeddedStore;
import org.agentlifecycle.session.SessionSettings;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClient;

/** Changes that replicas must confirm: a primary with one replica. */
class ConfirmReplicasTest {
  private static final String NAMESPACE = "confirmed";
  private static final IdempotencyKey KEY = new IdempotencyKey("key-1", "content", "text");

  private EmbeddedStore primary;
  private EmbeddedStore replica;
  private ValkeyClient connection;
  private ValkeyAgentStore agents;
  private ValkeyBatchStore batches;

  @BeforeEach
  void start() {
    primary = EmbeddedStore.start("--repl-diskless-sync-delay", "0");
    replica =
        EmbeddedStore.start("--replicaof", "127.0.0.1 " + primary.port(), "--appendonly", "no");
    try (RedisClient client = RedisClient.create(primary.uri())) {
      await().until(() -> client.waitReplicas("any", 1, 100) == 1);
    }
    use(1);
    // The replica also needs time to load the function library.
    await().ignoreExceptions().until(() -> register("first", null) != null);
  }

  private void use(int replicas) {
    ValkeySettings settings = new ValkeySettings(primary.uri().toString(), NAMESPACE, replicas);
    AgentSettings ofAgents =
        new AgentSettings(Duration.ZERO, Duration.ofDays(7), Duration.ofDays(1));
    SessionSettings ofSessions = new SessionSettings(Duration.ofSeconds(30), Optional.empty());
    AdmissionSettings ofAdmission = new AdmissionSettings(0);
    connection = new ValkeyClient(settings);
    FunctionLibrary functions = new FunctionLibrary(connection, settings);
    agents = new ValkeyAgentStore(functions, ofAgents, ofSessions, ofAdmission);
    batches = new ValkeyBatchStore(functions, ofAgents, ofSessions, ofAdmission);
  }

  @AfterEach
  void stop() {
    connection.close();
    replica.close();
    primary.close();
  }

  private static Registration registration(String id) {
    return new Registration(id, "task-1", Map.of(), null, null, null);
  }

  private RegisterResult register(String id, IdempotencyKey key) {
    return agents.register(registration(id), key);
  }

  private static boolean has(URI store, String id) {
    try (RedisClient client = RedisClient.create(store)) {
      return client.exists("{" + NAMESPACE + "}:agent:" + id);
    }
  }

  private static Reason reason(Supplier<?> call) {
    return catchThrowableOfType(LifecycleException.class, call::get).reason();
  }

  /** On a busy machine the replica may be too slow for some changes. */
  @Test
  void confirmedChangeIsOnTheReplica() {
    int confirmed = 0;
    for (int i = 0; i < 50; i++) {
      if (isConfirmed("a-" + i)) {
        confirmed++;
        assertThat(has(replica.uri(), "a-" + i)).isTrue();
      }
    }
    assertThat(confirmed).isPositive();
  }

  private boolean isConfirmed(String id) {
    try {
      register(id, null);
      return true;
    } catch (LifecycleException unconfirmed) {
      assertThat(unconfirmed.reason()).isEqualTo(Reason.OUTCOME_UNKNOWN);
      return false;
    }
  }

  @Test
  void changeWithoutConfirmationHasAnUnknownOutcome() {
    replica.pause();
    assertThat(reason(() -> register("a-2", KEY))).isEqualTo(Reason.OUTCOME_UNKNOWN);
    assertThat(has(primary.uri(), "a-2")).isTrue();
    assertThat(agents.find("first")).isPresent();
    replica.resume();
    await()
        .ignoreExceptions()
        .untilAsserted(
            () ->
                assertThat(register("a-2", KEY))
                    .isInstanceOfSatisfying(
                        Registered.class,
                        registered -> assertThat(registered.replayed()).isTrue()));
  }

  /** The stored response was written earlier, possibly through another connection. */
  @Test
  void replayedResponseNeedsAConfirmationToo() {
    await().ignoreExceptions().until(() -> register("a-1", KEY) instanceof Registered);
    replica.pause();
    assertThat(reason(() -> register("a-1", KEY))).isEqualTo(Reason.OUTCOME_UNKNOWN);
  }

  @Test
  void eachCallOfABatchNeedsAConfirmation() {
    await().ignoreExceptions().until(() -> register("a-1", KEY) instanceof Registered);
    replica.pause();
    StorePipeline pipeline = batches.pipeline();
    Supplier<?> registered = pipeline.register(registration("a-2"), null);
    Supplier<?> moved =
        pipeline.move(
            "a-1", TransitionRequest.to(AgentStatus.RUNNING), AgentStatus.RUNNING.sources(), null);
    pipeline.execute();
    assertThat(List.of(reason(registered), reason(moved))).containsOnly(Reason.OUTCOME_UNKNOWN);
  }

  @Test
  void tooFewReplicasConfirmNothing() {
    connection.close();
    use(2);
    assertThat(reason(() -> register("a-1", null))).isEqualTo(Reason.OUTCOME_UNKNOWN);
  }

  @Test
  void lostFunctionsAreLoadedAgain() {
    try (RedisClient client = RedisClient.create(primary.uri())) {
      client.functionFlush();
    }
    await().ignoreExceptions().until(() -> register("a-2", KEY) instanceof Registered);
    assertThat(has(replica.uri(), "a-2")).isTrue();
  }
}
