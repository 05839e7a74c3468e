package org.agentlifecycle.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.agentlifecycle.admission.Admission;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.CommittedTransition;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.agent.RawJson;
import org.agentlifecycle.agent.RegisterResult;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.agent.TransitionResult;
import org.agentlifecycle.kill.KillRequest;
import org.agentlifecycle.kill.StartKillResult;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Contract of idempotency keys: repeated calls with one key change the store key. */
interface IdempotencyContract extends StoreContractSupport {
  IdempotencyKey KEY = new IdempotencyKey("key-1", "content", "text");
  IdempotencyKey OTHER_KEY = new IdempotencyKey("key-1", "other content", "other text");

  private RegisterResult register(Registration registration, IdempotencyKey key) {
    return store().agents().register(registration, key);
  }

  private TransitionResult move(String agentId, TransitionRequest move, IdempotencyKey key) {
    return store().agents().move(agentId, move, move.to().sources(), key);
  }

  private static KillRequest everything() {
    return new KillRequest(null, null, Map.of(), "enough", false);
  }

  @Test
  default void repeatedRegistrationReturnsStoredReply() {
    Registration registration =
        new Registration(
            "a-1",
            "task-1",
            Map.of("nasty", NASTY),
            new RawJson("{\"n\":1e400}"),
            new RawJson("{}"),
            Duration.ofHours(1));
    CommittedTransition first =
        ((RegisterResult.Registered) register(registration, KEY)).transition();
    long size = store().size();
    moved("a-1", AgentStatus.RUNNING);
    for (int i = 0; i < 3; i++) {
      assertThat(register(registration, KEY)).isEqualTo(new RegisterResult.Registered(first, true));
    }
    assertThat(store().events()).hasSize(2);
    assertThat(found("a-1").status()).isEqualTo(AgentStatus.RUNNING);
    assertThat(store().agents().stats().spawning()).isZero();
    assertThat(size).isPositive();
  }

  /** Each call without an id of the client contains another generated id. */
  @Test
  default void repeatedRegistrationReturnsIdOfFirstCall() {
    RegisterResult first = register(registration("made-1", "task-1"), KEY);
    RegisterResult second = register(registration("made-2", "task-1"), KEY);
    assertThat(second)
        .isEqualTo(
            new RegisterResult.Registered(((RegisterResult.Registered) first).transition(), true));
    assertThat(store().agents().find("made-2")).isEmpty();
  }

  @Test
  default void repeatedTransitionReturnsItsOriginalResult() {
    register("a-1");
    TransitionResult first =
        move("a-1", new TransitionRequest(AgentStatus.RUNNING, null, NASTY, null), KEY);
    moved("a-1", AgentStatus.COMPLETED);
    TransitionResult again =
        move("a-1", new TransitionRequest(AgentStatus.RUNNING, null, NASTY, null), KEY);
    assertThat(again)
        .isEqualTo(
            new TransitionResult.Applied(((TransitionResult.Applied) first).transition(), true));
    assertThat(store().events()).hasSize(3);
    assertThat(found("a-1").status()).isEqualTo(AgentStatus.COMPLETED);
  }

  /** Labels and metadata are read from the agent. Another agent may have its id after the purge. */
  @Test
  default void replayAfterThePurgeReturnsTheTransition() {
    use(StoreSettings.QUIET.keepingFinals(Duration.ofMillis(1)));
    Registration request =
        new Registration(
            "a-1", "task-1", Map.of("team", "x"), new RawJson("{\"n\":1}"), null, null);
    RegisterResult registered = register(request, new IdempotencyKey("key-0", "content", "text"));
    TransitionRequest failed = new TransitionRequest(AgentStatus.FAILED, "broken", "reason", null);
    CommittedTransition first = ((TransitionResult.Applied) move("a-1", failed, KEY)).transition();
    awaitAfter(first.agent().completedAt().plusMillis(2));
    assertThat(store().sessions().purge(10).scanned()).isEqualTo(1);
    assertThat(register(request, new IdempotencyKey("key-0", "content", "text")))
        .isEqualTo(
            new RegisterResult.Registered(
                ((RegisterResult.Registered) registered).transition(), true));
    replaysTransition(first, failed);
    register(registration("a-1", "another-task"), null);
    replaysTransition(first, failed);
    assertThat(found("a-1").status()).isEqualTo(AgentStatus.SPAWNING);
  }

  private void replaysTransition(CommittedTransition first, TransitionRequest request) {
    TransitionResult.Applied replayed = (TransitionResult.Applied) move("a-1", request, KEY);
    assertThat(replayed.replayed()).isTrue();
    assertThat(replayed.transition().event()).isEqualTo(first.event());
    assertThat(replayed.transition().agent())
        .usingRecursiveComparison()
        .ignoringFields("labels", "metadata")
        .isEqualTo(first.agent());
    assertThat(replayed.transition().agent().labels()).isIn(Map.of(), first.agent().labels());
    assertThat(replayed.transition().agent().metadata()).isIn(null, first.agent().metadata());
  }

  @Test
  default void repeatedFailureReturnsErrorAndReason() {
    register(
        new Registration(
            "a-1", "task-1", Map.of("nasty", NASTY), new RawJson("{\"n\":1e400}"), null, null));
    TransitionRequest failed =
        new TransitionRequest(AgentStatus.FAILED, NASTY, NASTY + "!", versions("a-1", 1));
    CommittedTransition first = ((TransitionResult.Applied) move("a-1", failed, KEY)).transition();
    assertThat(move("a-1", failed, KEY)).isEqualTo(new TransitionResult.Applied(first, true));
    assertThat(first.agent()).isEqualTo(found("a-1"));
  }

  @Test
  default void sameContentWithAnotherTextIsReplayed() {
    IdempotencyKey respelled =
        new IdempotencyKey(KEY.key(), KEY.fingerprint(), "another text of the same content");
    RegisterResult first = register(registration("a-1", "task-1"), KEY);
    assertThat(register(registration("a-1", "task-1"), respelled))
        .isEqualTo(
            new RegisterResult.Registered(((RegisterResult.Registered) first).transition(), true));
    IdempotencyKey changed =
        new IdempotencyKey(KEY.key(), "another content", "the text of another content");
    assertThat(register(registration("a-1", "task-1"), changed))
        .isEqualTo(new RegisterResult.KeyReused());
    assertThat(store().events()).hasSize(1);
  }

  @Test
  default void repeatedKillIsStartedOnce() {
    register("a-1");
    StartKillResult first = store().kills().start("k-1", everything(), KEY);
    assertThat(store().kills().start("k-2", everything(), KEY)).isEqualTo(first);
    assertThat(first).isEqualTo(new StartKillResult.Started("k-1"));
    assertThat(store().kills().findKill("k-2")).isEmpty();
    assertThat(store().kills().runningKills()).containsExactly("k-1");
  }

  @Test
  default void keyOfAnotherRequestIsRejected() {
    register(registration("a-1", "task-1"), KEY);
    assertThat(register(registration("a-2", "task-1"), OTHER_KEY))
        .isEqualTo(new RegisterResult.KeyReused());
    assertThat(move("a-1", TransitionRequest.to(AgentStatus.RUNNING), OTHER_KEY))
        .isEqualTo(new TransitionResult.KeyReused());
    assertThat(store().kills().start("k-1", everything(), OTHER_KEY))
        .isEqualTo(new StartKillResult.KeyReused());
    assertThat(store().events()).hasSize(1);
    assertThat(store().kills().runningKills()).isEmpty();
    assertThat(register(registration("a-1", "task-1"), KEY))
        .as("the reply to the first call is still stored")
        .isInstanceOf(RegisterResult.Registered.class);
  }

  @Test
  default void rejectionOfTransitionIsNotStored() {
    TransitionRequest completed = TransitionRequest.to(AgentStatus.COMPLETED);
    assertThat(move("a-1", completed, KEY)).isEqualTo(new TransitionResult.NotFound());
    register("a-1");
    assertThat(move("a-1", completed, KEY))
        .isEqualTo(new TransitionResult.Illegal(AgentStatus.SPAWNING));
    assertThat(
            move(
                "a-1",
                new TransitionRequest(AgentStatus.COMPLETED, null, null, versions("a-1", 9)),
                KEY))
        .isEqualTo(new TransitionResult.VersionMismatch(1));
    moved("a-1", AgentStatus.RUNNING);
    TransitionResult retried = move("a-1", completed, KEY);
    assertThat(retried)
        .isEqualTo(
            new TransitionResult.Applied(((TransitionResult.Applied) retried).transition(), false));
  }

  @Test
  default void rejectedRegistrationIsEvaluatedOnRetry() {
    register("a-1");
    assertThat(register(registration("a-1", "task-1"), KEY))
        .isEqualTo(new RegisterResult.AlreadyExists());
    store().admission().set(new Admission(false, 0));
    assertThat(register(registration("a-2", "task-1"), KEY))
        .isEqualTo(new RegisterResult.AdmissionClosed());
    store().admission().set(new Admission(true, 1));
    assertThat(register(registration("a-2", "task-1"), KEY))
        .isEqualTo(new RegisterResult.AdmissionLimitReached(1));
    store().admission().set(new Admission(true, 0));
    assertThat(register(registration("a-2", "task-1"), KEY))
        .isInstanceOfSatisfying(
            RegisterResult.Registered.class,
            registered -> assertThat(registered.replayed()).isFalse());
  }

  @Test
  default void registrationIsReplayedWhenAdmissionIsClosed() {
    register(registration("a-1", "task-1"), KEY);
    store().admission().set(new Admission(false, 0));
    assertThat(register(registration("a-1", "task-1"), KEY))
        .isInstanceOfSatisfying(
            RegisterResult.Registered.class,
            registered -> assertThat(registered.replayed()).isTrue());
  }

  @Test
  default void idempotencyRecordExpiresAfterItsRetention() {
    use(StoreSettings.QUIET.keepingIdempotencyRecords(Duration.ofMillis(20)));
    register(registration("a-1", "task-1"), KEY);
    Awaitility.await()
        .pollInterval(Duration.ofMillis(5))
        .until(
            () ->
                register(registration("a-2", "task-1"), KEY)
                        instanceof RegisterResult.Registered registered
                    && !registered.replayed());
    assertThat(store().agents().find("a-2")).isPresent();
  }

  @Test
  default void concurrentCallsWithOneKeyReturnTheSameReply() throws Exception {
    List<RegisterResult> results =
        concurrently(
            8,
            (server, caller) ->
                server.agents().register(registration("a-" + caller, "task-1"), KEY));
    assertThat(results).allMatch(RegisterResult.Registered.class::isInstance);
    List<RegisterResult.Registered> registered =
        results.stream().map(RegisterResult.Registered.class::cast).toList();
    assertThat(registered).filteredOn(one -> !one.replayed()).hasSize(1);
    assertThat(
            new HashSet<>(registered.stream().map(RegisterResult.Registered::transition).toList()))
        .hasSize(1);
    assertThat(store().events())
        .singleElement()
        .extracting(AgentEvent::type)
        .isEqualTo(AgentEvent.Type.SPAWNED);
  }
}
