package org.agentlifecycle.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.agentlifecycle.admission.Admission;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.Change;
import org.agentlifecycle.agent.JsonText;
import org.agentlifecycle.agent.Move;
import org.agentlifecycle.agent.MoveResult;
import org.agentlifecycle.agent.Once;
import org.agentlifecycle.agent.RegisterResult;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.kill.BeginResult;
import org.agentlifecycle.kill.KillRequest;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The part of the contract about idempotency keys: a call acts once, however often it is made. */
interface OnceContract extends StoreAccess {
  Once ONCE = new Once("key-1", "what is asked for", "as it was sent");
  Once OTHER = new Once("key-1", "something else", "something else");

  private RegisterResult register(Registration registration, Once once) {
    return store().agents().register(registration, once);
  }

  private MoveResult move(String agentId, Move move, Once once) {
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
            new JsonText("{\"n\":1e400}"),
            new JsonText("{}"),
            Duration.ofHours(1));
    Change first = ((RegisterResult.Registered) register(asked, ONCE)).change();
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
            new RegisterResult.Registered(((RegisterResult.Registered) first).change(), true));
    assertThat(store().agents().find("made-2")).isEmpty();
  }

  @Test
  default void aMoveIsAnsweredAgainAsItWasWhateverHappenedSince() {
    register("a-1");
    MoveResult first = move("a-1", new Move(AgentStatus.RUNNING, null, NASTY, null), ONCE);
    moved("a-1", AgentStatus.COMPLETED);
    MoveResult again = move("a-1", new Move(AgentStatus.RUNNING, null, NASTY, null), ONCE);
    assertThat(again).isEqualTo(new MoveResult.Moved(((MoveResult.Moved) first).change(), true));
    assertThat(store().events()).hasSize(3);
    assertThat(found("a-1").status()).isEqualTo(AgentStatus.COMPLETED);
  }

  /** Labels and metadata are read from the agent, which may be another one by then. */
  @Test
  default void replayAfterThePurgeReturnsTheTransition() {
    use(StoreSettings.QUIET.keepingFinals(Duration.ofMillis(1)));
    Registration request =
        new Registration(
            "a-1", "task-1", Map.of("team", "x"), new JsonText("{\"n\":1}"), null, null);
    RegisterResult registered = register(request, new Once("key-0", "content", "text"));
    Move failed = new Move(AgentStatus.FAILED, "broken", "reason", null);
    Change first = ((MoveResult.Moved) move("a-1", failed, ONCE)).change();
    letPass(first.agent().completedAt().plusMillis(2));
    assertThat(store().sessions().purge(10).scanned()).isEqualTo(1);
    assertThat(register(request, new Once("key-0", "content", "text")))
        .isEqualTo(
            new RegisterResult.Registered(((RegisterResult.Registered) registered).change(), true));
    replaysTransition(first, failed);
    register(registration("a-1", "another-task"), null);
    replaysTransition(first, failed);
    assertThat(found("a-1").status()).isEqualTo(AgentStatus.SPAWNING);
  }

  private void replaysTransition(Change first, Move request) {
    MoveResult.Moved replayed = (MoveResult.Moved) move("a-1", request, ONCE);
    assertThat(replayed.again()).isTrue();
    assertThat(replayed.change().event()).isEqualTo(first.event());
    assertThat(replayed.change().agent())
        .usingRecursiveComparison()
        .ignoringFields("labels", "metadata")
        .isEqualTo(first.agent());
    assertThat(replayed.change().agent().labels()).isIn(Map.of(), first.agent().labels());
    assertThat(replayed.change().agent().metadata()).isIn(null, first.agent().metadata());
  }

  @Test
  default void aFailureIsAnsweredAgainWithAllItSaid() {
    register(
        new Registration(
            "a-1", "task-1", Map.of("nasty", NASTY), new JsonText("{\"n\":1e400}"), null, null));
    Move failed = new Move(AgentStatus.FAILED, NASTY, NASTY + "!", versions("a-1", 1));
    Change first = ((MoveResult.Moved) move("a-1", failed, ONCE)).change();
    assertThat(move("a-1", failed, ONCE)).isEqualTo(new MoveResult.Moved(first, true));
    assertThat(first.agent()).isEqualTo(found("a-1"));
  }

  @Test
  default void sameContentWithAnotherTextIsTheSameCall() {
    Once respelled = new Once(ONCE.key(), ONCE.fingerprint(), "as it was sent the second time");
    RegisterResult first = register(registration("a-1", "task-1"), ONCE);
    assertThat(register(registration("a-1", "task-1"), respelled))
        .isEqualTo(
            new RegisterResult.Registered(((RegisterResult.Registered) first).change(), true));
    Once changed = new Once(ONCE.key(), "something else", ONCE.textFingerprint());
    assertThat(register(registration("a-1", "task-1"), changed))
        .isEqualTo(new RegisterResult.KeyReused());
    assertThat(store().events()).hasSize(1);
  }

  @Test
  default void aKillIsBegunOnce() {
    register("a-1");
    BeginResult first = store().kills().begin("k-1", everything(), ONCE);
    assertThat(store().kills().begin("k-2", everything(), ONCE)).isEqualTo(first);
    assertThat(first).isEqualTo(new BeginResult.Begun("k-1"));
    assertThat(store().kills().findKill("k-2")).isEmpty();
    assertThat(store().kills().runningKills()).containsExactly("k-1");
  }

  @Test
  default void aKeyBelongsToOneCallAlone() {
    register(registration("a-1", "task-1"), ONCE);
    assertThat(register(registration("a-2", "task-1"), OTHER))
        .isEqualTo(new RegisterResult.KeyReused());
    assertThat(move("a-1", Move.to(AgentStatus.RUNNING), OTHER))
        .isEqualTo(new MoveResult.KeyReused());
    assertThat(store().kills().begin("k-1", everything(), OTHER))
        .isEqualTo(new BeginResult.KeyReused());
    assertThat(store().events()).hasSize(1);
    assertThat(store().kills().runningKills()).isEmpty();
    assertThat(register(registration("a-1", "task-1"), ONCE))
        .as("the first call's answer is still there")
        .isInstanceOf(RegisterResult.Registered.class);
  }

  @Test
  default void aRefusalIsNotKept() {
    Move completed = Move.to(AgentStatus.COMPLETED);
    assertThat(move("a-1", completed, ONCE)).isEqualTo(new MoveResult.Missing());
    register("a-1");
    assertThat(move("a-1", completed, ONCE))
        .isEqualTo(new MoveResult.Refused(AgentStatus.SPAWNING));
    assertThat(move("a-1", new Move(AgentStatus.COMPLETED, null, null, versions("a-1", 9)), ONCE))
        .isEqualTo(new MoveResult.Stale(1));
    moved("a-1", AgentStatus.RUNNING);
    MoveResult judgedAnew = move("a-1", completed, ONCE);
    assertThat(judgedAnew)
        .isEqualTo(new MoveResult.Moved(((MoveResult.Moved) judgedAnew).change(), false));
  }

  @Test
  default void aRefusedRegistrationIsJudgedAnew() {
    register("a-1");
    assertThat(register(registration("a-1", "task-1"), ONCE)).isEqualTo(new RegisterResult.Taken());
    store().admission().admit(new Admission(false, 0));
    assertThat(register(registration("a-2", "task-1"), ONCE))
        .isEqualTo(new RegisterResult.Closed());
    store().admission().admit(new Admission(true, 1));
    assertThat(register(registration("a-2", "task-1"), ONCE))
        .isEqualTo(new RegisterResult.LimitReached(1));
    store().admission().admit(new Admission(true, 0));
    assertThat(register(registration("a-2", "task-1"), ONCE))
        .isInstanceOfSatisfying(
            RegisterResult.Registered.class,
            registered -> assertThat(registered.again()).isFalse());
  }

  @Test
  default void whatWasRegisteredOnceIsAnsweredAgainThoughAdmissionIsClosedNow() {
    register(registration("a-1", "task-1"), ONCE);
    store().admission().admit(new Admission(false, 0));
    assertThat(register(registration("a-1", "task-1"), ONCE))
        .isInstanceOfSatisfying(
            RegisterResult.Registered.class, registered -> assertThat(registered.again()).isTrue());
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
                    && !registered.again());
    assertThat(store().agents().find("a-2")).isPresent();
  }

  @Test
  default void callsAtTheSameTimeActOnceAndHearTheSame() throws Exception {
    List<RegisterResult> heard =
        atOnce(
            8,
            (server, caller) ->
                server.agents().register(registration("a-" + caller, "task-1"), ONCE));
    assertThat(heard).allMatch(RegisterResult.Registered.class::isInstance);
    List<RegisterResult.Registered> registered =
        heard.stream().map(RegisterResult.Registered.class::cast).toList();
    assertThat(registered).filteredOn(one -> !one.again()).hasSize(1);
    assertThat(new HashSet<>(registered.stream().map(RegisterResult.Registered::change).toList()))
        .hasSize(1);
    assertThat(store().events())
        .singleElement()
        .extracting(AgentEvent::type)
        .isEqualTo(AgentEvent.Type.SPAWNED);
  }
}
