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

/** The part of the contract about idempotency keys: a call acts once, however often it is made. */
interface IdempotencyContract extends StoreContractSupport {
  IdempotencyKey ONCE = new IdempotencyKey("key-1", "what is asked for", "as it was sent");
  IdempotencyKey OTHER = new IdempotencyKey("key-1", "something else", "something else");

  private RegisterResult register(Registration registration, IdempotencyKey once) {
    return store().agents().register(registration, once);
  }

  private TransitionResult move(String agentId, TransitionRequest move, IdempotencyKey once) {
    return store().agents().move(agentId, move, move.to().sources(), once);
  }

  private static KillRequest everything() {
    return new KillRequest(null, null, Map.of(), "enough", false);
  }

  @Test
  default void aRegistrationIsAnsweredAgainAndNotMadeAgain() {
    Registration asked =
        new Registration(
            "a-1",
            "task-1",
            Map.of("nasty", NASTY),
            new RawJson("{\"n\":1e400}"),
            new RawJson("{}"),
            Duration.ofHours(1));
    CommittedTransition first = ((RegisterResult.Registered) register(asked, ONCE)).transition();
    long size = store().size();
    moved("a-1", AgentStatus.RUNNING);
    for (int i = 0; i < 3; i++) {
      assertThat(register(asked, ONCE)).isEqualTo(new RegisterResult.Registered(first, true));
    }
    assertThat(store().events()).hasSize(2);
    assertThat(found("a-1").status()).isEqualTo(AgentStatus.RUNNING);
    assertThat(store().agents().stats().spawning()).isZero();
    assertThat(size).isPositive();
  }

  /** A client that lets us choose the id asks for another one in each call. */
  @Test
  default void theIdOfTheFirstCallIsTheIdOfAll() {
    RegisterResult first = register(registration("made-1", "task-1"), ONCE);
    RegisterResult second = register(registration("made-2", "task-1"), ONCE);
    assertThat(second)
        .isEqualTo(
            new RegisterResult.Registered(((RegisterResult.Registered) first).transition(), true));
    assertThat(store().agents().find("made-2")).isEmpty();
  }

  @Test
  default void aMoveIsAnsweredAgainAsItWasWhateverHappenedSince() {
    register("a-1");
    TransitionResult first =
        move("a-1", new TransitionRequest(AgentStatus.RUNNING, null, NASTY, null), ONCE);
    moved("a-1", AgentStatus.COMPLETED);
    TransitionResult again =
        move("a-1", new TransitionRequest(AgentStatus.RUNNING, null, NASTY, null), ONCE);
    assertThat(again)
        .isEqualTo(
            new TransitionResult.Applied(((TransitionResult.Applied) first).transition(), true));
    assertThat(store().events()).hasSize(3);
    assertThat(found("a-1").status()).isEqualTo(AgentStatus.COMPLETED);
  }

  /** Labels and metadata are read from the agent, which may be another one by then. */
  @Test
  default void replayAfterThePurgeReturnsTheTransition() {
    use(StoreSettings.QUIET.keepingFinals(Duration.ofMillis(1)));
    Registration request =
        new Registration(
            "a-1", "task-1", Map.of("team", "x"), new RawJson("{\"n\":1}"), null, null);
    RegisterResult registered = register(request, new IdempotencyKey("key-0", "content", "text"));
    TransitionRequest failed = new TransitionRequest(AgentStatus.FAILED, "broken", "reason", null);
    CommittedTransition first = ((TransitionResult.Applied) move("a-1", failed, ONCE)).transition();
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
    TransitionResult.Applied replayed = (TransitionResult.Applied) move("a-1", request, ONCE);
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
  default void aFailureIsAnsweredAgainWithAllItSaid() {
    register(
        new Registration(
            "a-1", "task-1", Map.of("nasty", NASTY), new RawJson("{\"n\":1e400}"), null, null));
    TransitionRequest failed =
        new TransitionRequest(AgentStatus.FAILED, NASTY, NASTY + "!", versions("a-1", 1));
    CommittedTransition first = ((TransitionResult.Applied) move("a-1", failed, ONCE)).transition();
    assertThat(move("a-1", failed, ONCE)).isEqualTo(new TransitionResult.Applied(first, true));
    assertThat(first.agent()).isEqualTo(found("a-1"));
  }

  @Test
  default void sameContentWithAnotherTextIsTheSameCall() {
    IdempotencyKey respelled =
        new IdempotencyKey(ONCE.key(), ONCE.fingerprint(), "as it was sent the second time");
    RegisterResult first = register(registration("a-1", "task-1"), ONCE);
    assertThat(register(registration("a-1", "task-1"), respelled))
        .isEqualTo(
            new RegisterResult.Registered(((RegisterResult.Registered) first).transition(), true));
    IdempotencyKey changed =
        new IdempotencyKey(ONCE.key(), "another content", "the text of another content");
    assertThat(register(registration("a-1", "task-1"), changed))
        .isEqualTo(new RegisterResult.KeyReused());
    assertThat(store().events()).hasSize(1);
  }

  @Test
  default void aKillIsBegunOnce() {
    register("a-1");
    StartKillResult first = store().kills().start("k-1", everything(), ONCE);
    assertThat(store().kills().start("k-2", everything(), ONCE)).isEqualTo(first);
    assertThat(first).isEqualTo(new StartKillResult.Started("k-1"));
    assertThat(store().kills().findKill("k-2")).isEmpty();
    assertThat(store().kills().runningKills()).containsExactly("k-1");
  }

  @Test
  default void aKeyBelongsToOneCallAlone() {
    register(registration("a-1", "task-1"), ONCE);
    assertThat(register(registration("a-2", "task-1"), OTHER))
        .isEqualTo(new RegisterResult.KeyReused());
    assertThat(move("a-1", TransitionRequest.to(AgentStatus.RUNNING), OTHER))
        .isEqualTo(new TransitionResult.KeyReused());
    assertThat(store().kills().start("k-1", everything(), OTHER))
        .isEqualTo(new StartKillResult.KeyReused());
    assertThat(store().events()).hasSize(1);
    assertThat(store().kills().runningKills()).isEmpty();
    assertThat(register(registration("a-1", "task-1"), ONCE))
        .as("the first call's answer is still there")
        .isInstanceOf(RegisterResult.Registered.class);
  }

  @Test
  default void aRefusalIsNotKept() {
    TransitionRequest completed = TransitionRequest.to(AgentStatus.COMPLETED);
    assertThat(move("a-1", completed, ONCE)).isEqualTo(new TransitionResult.NotFound());
    register("a-1");
    assertThat(move("a-1", completed, ONCE))
        .isEqualTo(new TransitionResult.Illegal(AgentStatus.SPAWNING));
    assertThat(
            move(
                "a-1",
                new TransitionRequest(AgentStatus.COMPLETED, null, null, versions("a-1", 9)),
                ONCE))
        .isEqualTo(new TransitionResult.VersionMismatch(1));
    moved("a-1", AgentStatus.RUNNING);
    TransitionResult judgedAnew = move("a-1", completed, ONCE);
    assertThat(judgedAnew)
        .isEqualTo(
            new TransitionResult.Applied(
                ((TransitionResult.Applied) judgedAnew).transition(), false));
  }

  @Test
  default void aRefusedRegistrationIsJudgedAnew() {
    register("a-1");
    assertThat(register(registration("a-1", "task-1"), ONCE))
        .isEqualTo(new RegisterResult.AlreadyExists());
    store().admission().set(new Admission(false, 0));
    assertThat(register(registration("a-2", "task-1"), ONCE))
        .isEqualTo(new RegisterResult.AdmissionClosed());
    store().admission().set(new Admission(true, 1));
    assertThat(register(registration("a-2", "task-1"), ONCE))
        .isEqualTo(new RegisterResult.AdmissionLimitReached(1));
    store().admission().set(new Admission(true, 0));
    assertThat(register(registration("a-2", "task-1"), ONCE))
        .isInstanceOfSatisfying(
            RegisterResult.Registered.class,
            registered -> assertThat(registered.replayed()).isFalse());
  }

  @Test
  default void whatWasRegisteredOnceIsAnsweredAgainThoughAdmissionIsClosedNow() {
    register(registration("a-1", "task-1"), ONCE);
    store().admission().set(new Admission(false, 0));
    assertThat(register(registration("a-1", "task-1"), ONCE))
        .isInstanceOfSatisfying(
            RegisterResult.Registered.class,
            registered -> assertThat(registered.replayed()).isTrue());
  }

  @Test
  default void anAnswerIsKeptForItsTime() {
    use(StoreSettings.QUIET.keepingAnswers(Duration.ofMillis(20)));
    register(registration("a-1", "task-1"), ONCE);
    Awaitility.await()
        .pollInterval(Duration.ofMillis(5))
        .until(
            () ->
                register(registration("a-2", "task-1"), ONCE)
                        instanceof RegisterResult.Registered registered
                    && !registered.replayed());
    assertThat(store().agents().find("a-2")).isPresent();
  }

  @Test
  default void callsAtTheSameTimeActOnceAndHearTheSame() throws Exception {
    List<RegisterResult> heard =
        concurrently(
            8,
            (server, caller) ->
                server.agents().register(registration("a-" + caller, "task-1"), ONCE));
    assertThat(heard).allMatch(RegisterResult.Registered.class::isInstance);
    List<RegisterResult.Registered> registered =
        heard.stream().map(RegisterResult.Registered.class::cast).toList();
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
