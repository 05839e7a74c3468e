package org.agentlifecycle.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.CommittedTransition;
import org.agentlifecycle.agent.Desired;
import org.agentlifecycle.agent.DesiredEvent;
import org.agentlifecycle.agent.Ending;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.agent.Parent;
import org.agentlifecycle.agent.RegisterResult;
import org.agentlifecycle.agent.Transition;
import org.agentlifecycle.agent.TransitionEvent;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.agent.TransitionResult;
import org.agentlifecycle.batch.StorePipeline;
import org.agentlifecycle.kill.Kill;
import org.agentlifecycle.kill.KillRequest;
import org.agentlifecycle.kill.KillStep;
import org.agentlifecycle.kill.StartKillResult;
import org.agentlifecycle.session.Heartbeat;
import org.agentlifecycle.session.HeartbeatResult;
import org.agentlifecycle.session.Session;
import org.agentlifecycle.supervision.DesiredRequest;
import org.agentlifecycle.supervision.DesiredResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Contract of the desired state, and of bulk kills with a grace period. */
interface DesiredContract extends StoreContractSupport {
  Duration LONG_GRACE = Duration.ofHours(1);
  DesiredRequest PAUSE = new DesiredRequest(Desired.Mode.PAUSED, null, NASTY);
  DesiredRequest RUN = new DesiredRequest(Desired.Mode.RUNNING, null, null);

  private static DesiredRequest stop(Duration grace, String reason) {
    return new DesiredRequest(Desired.Mode.STOPPED, grace, reason);
  }

  private DesiredResult setDesired(String agentId, DesiredRequest request) {
    return store().supervision().setDesired(agentId, request, null);
  }

  private Desired ofHeartbeat(String agentId) {
    return ((HeartbeatResult.Renewed) store().sessions().heartbeat(agentId, null))
        .heartbeat()
        .desired();
  }

  /** Fails if the call did not set this desired state in this event. */
  private DesiredEvent assertChanged(DesiredResult.Accepted result, Desired expected) {
    DesiredEvent event = result.event();
    assertThat(result).isEqualTo(new DesiredResult.Accepted(expected, event, false));
    assertThat(event)
        .isEqualTo(
            new DesiredEvent(
                event.id(),
                "a-1",
                "task-1",
                event.timestamp(),
                found("a-1").version(),
                expected,
                null));
    assertThat(store().events()).last().isEqualTo(event);
    assertThat(session("a-1").desired()).isEqualTo(expected);
    assertThat(ofHeartbeat("a-1")).isEqualTo(expected);
    return event;
  }

  // Modes -----------------------------------------------------------------------------------------

  @Test
  default void desiredStateIsInHeartbeatsAndTheSession() {
    running("a-1");
    Agent agent = found("a-1");
    assertThat(session("a-1").desired()).isNull();
    assertThat(ofHeartbeat("a-1")).isNull();
    DesiredResult.Accepted paused = desire("a-1", PAUSE);
    Instant since = paused.event().timestamp();
    assertChanged(paused, new Desired(Desired.Mode.PAUSED, since, null, NASTY));
    assertThat(paused.event().type()).isEqualTo(AgentEvent.Type.DESIRED);
    awaitAfter(since.plusMillis(1));
    DesiredResult.Accepted runs = desire("a-1", RUN);
    assertThat(runs.event().timestamp()).isAfter(since);
    assertChanged(runs, new Desired(Desired.Mode.RUNNING, runs.event().timestamp(), null, null));
    assertThat(found("a-1")).as("the agent is not changed").isEqualTo(agent);
    assertThat(store().agents().history("a-1").orElseThrow()).hasSize(2);
    assertThat(store().events()).hasSize(4);
    assertThat(expireDeadlines()).isEmpty();
  }

  @Test
  default void stopHasADeadline() {
    register("a-1");
    DesiredResult.Accepted stopped = desire("a-1", stop(LONG_GRACE, "enough"));
    Instant since = stopped.event().timestamp();
    assertChanged(
        stopped, new Desired(Desired.Mode.STOPPED, since, since.plus(LONG_GRACE), "enough"));
    assertThat(expireDeadlines()).isEmpty();
  }

  @Test
  default void repeatedModeHasNoEvent() {
    register("a-1");
    Desired paused = desire("a-1", PAUSE).desired();
    awaitAfter(paused.since().plusMillis(1));
    assertThat(desire("a-1", PAUSE)).isEqualTo(new DesiredResult.Accepted(paused, null, false));
    assertThat(session("a-1").desired()).isEqualTo(paused);
    Desired runs = desire("a-1", RUN).desired();
    assertThat(desire("a-1", RUN)).isEqualTo(new DesiredResult.Accepted(runs, null, false));
    assertThat(store().events()).hasSize(3);
  }

  @Test
  default void newReasonKeepsTheTimeOfTheMode() {
    register("a-1");
    Instant since = desire("a-1", PAUSE).desired().since();
    awaitAfter(since.plusMillis(1));
    for (String reason : new String[] {"another", null, NASTY}) {
      DesiredRequest request = new DesiredRequest(Desired.Mode.PAUSED, null, reason);
      assertChanged(desire("a-1", request), new Desired(Desired.Mode.PAUSED, since, null, reason));
    }
  }

  @Test
  default void desiredStateSurvivesTransitions() {
    register("a-1");
    Desired paused = desire("a-1", PAUSE).desired();
    moved("a-1", AgentStatus.RUNNING);
    assertThat(session("a-1").desired()).isEqualTo(paused);
    moved("a-1", AgentStatus.COMPLETED);
    assertThat(session("a-1").desired()).isEqualTo(paused);
  }

  @ParameterizedTest
  @EnumSource(
      value = AgentStatus.class,
      names = {"COMPLETED", "FAILED", "KILLED"})
  default void desiredStateOfAFinalAgentIsRejected(AgentStatus last) {
    register("a-1");
    moveTo("a-1", last);
    Session session = session("a-1");
    DesiredResult finished =
        new DesiredResult.Finished(new Ending(last, null, found("a-1").error(), null));
    assertThat(setDesired("a-1", PAUSE)).isEqualTo(finished);
    assertThat(setDesired("a-1", stop(Duration.ZERO, null))).isEqualTo(finished);
    assertThat(setDesired("a-0", PAUSE)).isEqualTo(new DesiredResult.AgentNotFound());
    assertThat(session("a-1")).isEqualTo(session);
    assertThat(expireDeadlines()).isEmpty();
  }

  // Stop ------------------------------------------------------------------------------------------

  @Test
  default void stopCannotBeWithdrawn() {
    register("a-1");
    Desired stopped = desire("a-1", stop(LONG_GRACE, "enough")).desired();
    assertThat(setDesired("a-1", RUN)).isEqualTo(new DesiredResult.StopRequested());
    assertThat(setDesired("a-1", PAUSE)).isEqualTo(new DesiredResult.StopRequested());
    assertThat(session("a-1").desired()).isEqualTo(stopped);
    assertThat(store().events()).hasSize(2);
  }

  @Test
  default void stopOnlyBecomesEarlier() {
    register("a-1");
    Desired first = desire("a-1", stop(LONG_GRACE, "enough")).desired();
    awaitAfter(first.since().plusMillis(1));
    assertThat(desire("a-1", stop(LONG_GRACE, "later")))
        .isEqualTo(new DesiredResult.Accepted(first, null, false));
    assertThat(desire("a-1", stop(Duration.ofHours(2), null)).desired()).isEqualTo(first);
    DesiredResult.Accepted earlier = desire("a-1", stop(Duration.ofMinutes(30), null));
    Instant deadline = earlier.event().timestamp().plus(Duration.ofMinutes(30));
    assertChanged(earlier, new Desired(Desired.Mode.STOPPED, first.since(), deadline, "enough"));
    DesiredResult.Accepted now = desire("a-1", stop(Duration.ZERO, "at once"));
    assertChanged(
        now, new Desired(Desired.Mode.STOPPED, first.since(), now.event().timestamp(), "at once"));
    assertThat(store().events()).hasSize(4);
    assertThat(ids(expireDeadlines())).containsExactly("a-1");
  }

  @Test
  default void laterStopDoesNotExtendTheDeadline() {
    running("a-1");
    Instant deadline = desire("a-1", stop(Duration.ofMillis(1), null)).desired().deadline();
    desire("a-1", stop(LONG_GRACE, null));
    awaitAfter(deadline);
    assertThat(ids(expireDeadlines())).containsExactly("a-1");
  }

  @ParameterizedTest
  @EnumSource(
      value = AgentStatus.class,
      names = {"SPAWNING", "RUNNING"})
  default void agentThatDoesNotStopIsKilledOnce(AgentStatus from) {
    register("a-1");
    moveTo("a-1", from);
    Agent before = found("a-1");
    desire("a-1", stop(Duration.ZERO, NASTY));
    List<CommittedTransition> killed = expireDeadlines();
    assertThat(killed).hasSize(1);
    TransitionEvent event = killed.get(0).event();
    assertThat(event)
        .isEqualTo(
            new TransitionEvent(
                event.id(),
                "a-1",
                "task-1",
                event.timestamp(),
                before.version() + 1,
                from,
                AgentStatus.KILLED,
                null,
                NASTY,
                "deadline",
                null));
    assertThat(found("a-1")).isEqualTo(killed.get(0).agent());
    assertThat(store().events()).last().isEqualTo(event);
    assertThat(store().agents().history("a-1").orElseThrow())
        .last()
        .isEqualTo(
            new Transition(
                event.version(),
                from,
                AgentStatus.KILLED,
                event.timestamp(),
                "deadline",
                NASTY,
                null,
                event.id()));
    assertThat(store().sessions().heartbeat("a-1", null))
        .isEqualTo(new HeartbeatResult.Finished(new Ending(AgentStatus.KILLED, NASTY, null, null)));
    assertThat(expireDeadlines()).isEmpty();
    assertEachEndedOnce(1);
  }

  @Test
  default void killAtAStopWithoutReasonHasADefaultReason() {
    register("a-1");
    desire("a-1", stop(Duration.ZERO, null));
    assertThat(expireDeadlines())
        .extracting(change -> change.event().reason())
        .containsExactly("not stopped in time");
  }

  @ParameterizedTest
  @EnumSource(
      value = AgentStatus.class,
      names = {"COMPLETED", "FAILED", "KILLED"})
  default void agentMayEndBeforeTheStopDeadline(AgentStatus last) {
    running("a-1");
    Instant deadline = desire("a-1", stop(Duration.ofMillis(1), null)).desired().deadline();
    Agent ended = moved("a-1", last).agent();
    awaitAfter(deadline);
    assertThat(expireDeadlines()).isEmpty();
    assertThat(found("a-1")).isEqualTo(ended);
  }

  @Test
  default void stopDeadlineOutlivesTheStart() {
    register("a-1", LONG_GRACE, null);
    Instant deadline = desire("a-1", stop(Duration.ofMillis(1), null)).desired().deadline();
    moved("a-1", AgentStatus.RUNNING);
    awaitAfter(deadline);
    assertThat(expireDeadlines())
        .singleElement()
        .satisfies(c -> assertThat(c.agent().status()).isEqualTo(AgentStatus.KILLED));
  }

  @Test
  default void concurrentCallersSetAModeOnce() throws Exception {
    running("a-1");
    assertThat(concurrently(8, (server, i) -> server.supervision().setDesired("a-1", PAUSE, null)))
        .filteredOn(result -> ((DesiredResult.Accepted) result).event() != null)
        .hasSize(1);
    List<DesiredResult> stops =
        concurrently(
            8,
            (server, i) ->
                server.supervision().setDesired("a-1", stop(Duration.ofHours(8 - i), null), null));
    List<DesiredEvent> events =
        store().events().stream()
            .filter(DesiredEvent.class::isInstance)
            .map(DesiredEvent.class::cast)
            .skip(1)
            .toList();
    assertThat(events)
        .hasSize(
            (int) stops.stream().filter(r -> ((DesiredResult.Accepted) r).event() != null).count())
        .isSortedAccordingTo(
            (one, next) -> next.desired().deadline().compareTo(one.desired().deadline()));
    assertThat(session("a-1").desired()).isEqualTo(events.get(events.size() - 1).desired());
  }

  @Test
  default void concurrentSweepsAndTransitionsEndEachStoppedAgentOnce() throws Exception {
    int agents = 40;
    for (int i = 0; i < agents; i++) {
      running("a-" + i);
      desire("a-" + i, stop(Duration.ZERO, null));
    }
    concurrently(
        4,
        (server, caller) -> {
          for (int i = caller; i < agents; i += 4) {
            server.supervision().expireDeadlines(2);
            server
                .agents()
                .move("a-" + i, move(AgentStatus.COMPLETED), AgentStatus.COMPLETED.sources(), null);
          }
          return null;
        });
    assertEachEndedOnce(agents);
  }

  @Test
  default void purgedDesiredStateLeavesNothing() {
    assertLeavesNothing(
        3,
        () -> {
          register("killed");
          desire("killed", stop(Duration.ZERO, "reason"));
          register("ended");
          desire("ended", stop(LONG_GRACE, "reason"));
          register("paused");
          desire("paused", PAUSE);
          expireDeadlines();
          moved("ended", AgentStatus.FAILED);
          moved("paused", AgentStatus.FAILED);
        });
  }

  // Idempotency keys and batches ------------------------------------------------------------------

  @Test
  default void repeatedDesiredStateWithAKeyReturnsItsFirstReply() {
    use(StoreSettings.QUIET.keepingFinals(Duration.ofMillis(1)));
    IdempotencyKey pause = new IdempotencyKey("pause", "content", "text");
    IdempotencyKey stop = new IdempotencyKey("stop", "content", "text");
    DesiredRequest stopped = stop(LONG_GRACE, NASTY);
    register("a-1");
    DesiredResult.Accepted first =
        (DesiredResult.Accepted) store().supervision().setDesired("a-1", PAUSE, pause);
    DesiredResult.Accepted second =
        (DesiredResult.Accepted) store().supervision().setDesired("a-1", stopped, stop);
    Runnable replay =
        () -> {
          assertThat(store().supervision().setDesired("a-1", PAUSE, pause))
              .isEqualTo(new DesiredResult.Accepted(first.desired(), first.event(), true));
          assertThat(store().supervision().setDesired("a-1", stopped, stop))
              .isEqualTo(new DesiredResult.Accepted(second.desired(), second.event(), true));
        };
    replay.run();
    assertThat(session("a-1").desired()).isEqualTo(second.desired());
    assertThat(
            store()
                .supervision()
                .setDesired("a-1", stopped, new IdempotencyKey("stop", "other", "other")))
        .isEqualTo(new DesiredResult.KeyReused());
    moved("a-1", AgentStatus.FAILED);
    replay.run();
    purgeAll(1);
    replay.run();
    register("a-1");
    replay.run();
    assertThat(session("a-1").desired()).isNull();
    assertThat(store().events()).hasSize(6);
  }

  @Test
  default void replyWithoutAChangeOfTheDesiredStateIsStored() {
    IdempotencyKey key = new IdempotencyKey("key", "content", "text");
    register("a-1");
    Desired paused = desire("a-1", PAUSE).desired();
    assertThat(store().supervision().setDesired("a-1", PAUSE, key))
        .isEqualTo(new DesiredResult.Accepted(paused, null, false));
    desire("a-1", RUN);
    assertThat(store().supervision().setDesired("a-1", PAUSE, key))
        .isEqualTo(new DesiredResult.Accepted(paused, null, true));
    assertThat(session("a-1").desired().mode()).isEqualTo(Desired.Mode.RUNNING);
  }

  @Test
  default void rejectedDesiredStateIsNotStored() {
    IdempotencyKey key = new IdempotencyKey("key", "content", "text");
    assertThat(store().supervision().setDesired("a-1", RUN, key))
        .isEqualTo(new DesiredResult.AgentNotFound());
    register("a-1");
    DesiredResult.Accepted retried =
        (DesiredResult.Accepted) store().supervision().setDesired("a-1", RUN, key);
    assertThat(retried.replayed()).isFalse();
    IdempotencyKey other = new IdempotencyKey("other", "content", "text");
    desire("a-1", stop(LONG_GRACE, null));
    assertThat(store().supervision().setDesired("a-1", RUN, other))
        .isEqualTo(new DesiredResult.StopRequested());
    moved("a-1", AgentStatus.KILLED);
    assertThat(store().supervision().setDesired("a-1", RUN, other))
        .isInstanceOf(DesiredResult.Finished.class);
  }

  @Test
  default void batchSetsDesiredStates() {
    register("a-1");
    StorePipeline pipeline = store().batches().pipeline();
    Supplier<DesiredResult> paused = pipeline.setDesired("a-1", PAUSE, null);
    Supplier<HeartbeatResult> heartbeat = pipeline.heartbeat("a-1", null, null);
    Supplier<DesiredResult> stopped = pipeline.setDesired("a-1", stop(LONG_GRACE, null), null);
    Supplier<DesiredResult> runs = pipeline.setDesired("a-1", RUN, null);
    Supplier<DesiredResult> missing = pipeline.setDesired("a-0", RUN, null);
    Supplier<RegisterResult> child =
        pipeline.register(childOf("a-1", "child", Parent.OnEnd.CONTINUE), null);
    pipeline.execute();
    Desired first = ((DesiredResult.Accepted) paused.get()).desired();
    assertThat(heartbeat.get())
        .isEqualTo(
            new HeartbeatResult.Renewed(new Heartbeat("a-1", AgentStatus.SPAWNING, null, first)));
    assertThat(((DesiredResult.Accepted) stopped.get()).desired())
        .isEqualTo(session("a-1").desired());
    assertThat(runs.get()).isEqualTo(new DesiredResult.StopRequested());
    assertThat(missing.get()).isEqualTo(new DesiredResult.AgentNotFound());
    assertThat(child.get()).isEqualTo(new RegisterResult.ParentNotActive());
  }

  // Kills with a grace period ---------------------------------------------------------------------

  private static KillRequest kill(Duration grace, String tree, boolean dryRun) {
    return new KillRequest(null, null, Map.of(), tree, grace, "enough", dryRun);
  }

  private Kill start(String killId, KillRequest request) {
    assertThat(store().kills().start(killId, request, null))
        .isEqualTo(new StartKillResult.Started(killId));
    return find(killId);
  }

  private Kill find(String killId) {
    return store().kills().findKill(killId).orElseThrow();
  }

  private KillStep step(String killId, int limit) {
    return store().kills().step(killId, limit, AgentStatus.KILLED.sources());
  }

  private List<DesiredEvent> scan(String killId, int limit) {
    List<DesiredEvent> stopping = new ArrayList<>();
    KillStep step;
    do {
      step = step(killId, limit);
      assertThat(step.killed()).isEmpty();
      stopping.addAll(step.stopping());
    } while (!step.done());
    return stopping;
  }

  private void assertProgress(
      String killId, boolean running, long matched, long killed, long alreadyFinished) {
    Kill kill = find(killId);
    assertThat(kill)
        .isEqualTo(
            new Kill(
                killId,
                running,
                kill.dryRun(),
                matched,
                killed,
                alreadyFinished,
                kill.startedAt(),
                kill.finishedAt(),
                kill.deadline()));
    assertThat(kill.finishedAt() == null).as("no end").isEqualTo(running);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 4, 100})
  default void killWithGraceRequestsStops(int limit) {
    for (int i = 0; i < 4; i++) {
      register("a-" + i);
    }
    moved("a-0", AgentStatus.RUNNING);
    Kill started = start("k-1", kill(LONG_GRACE, null, false));
    assertThat(started.deadline()).isEqualTo(started.startedAt().plus(LONG_GRACE));
    assertThat(store().kills().runningKills()).containsExactly("k-1");
    List<DesiredEvent> stopping = scan("k-1", limit);
    assertThat(stopping)
        .extracting(DesiredEvent::agentId)
        .containsExactly("a-3", "a-2", "a-1", "a-0");
    assertThat(store().events().subList(5, 9)).isEqualTo(stopping);
    assertThat(stopping)
        .allSatisfy(
            event -> {
              Desired desired =
                  new Desired(
                      Desired.Mode.STOPPED, event.timestamp(), started.deadline(), "enough");
              assertThat(event.desired()).isEqualTo(desired);
              assertThat(event.killId()).isEqualTo("k-1");
              assertThat(session(event.agentId()).desired()).isEqualTo(desired);
              assertThat(found(event.agentId()).status().isFinal()).isFalse();
            });
    assertProgress("k-1", true, 4, 0, 0);
    assertThat(store().kills().runningKills()).as("kills with agents to reach").isEmpty();
  }

  @Test
  default void killWithGraceIsDoneWhenAllAgentsHaveEnded() {
    for (int i = 0; i < 4; i++) {
      running("a-" + i);
    }
    start("k-1", kill(LONG_GRACE, null, false));
    scan("k-1", 10);
    moved("a-0", AgentStatus.COMPLETED);
    assertProgress("k-1", true, 4, 1, 0);
    moved("a-1", AgentStatus.FAILED);
    moved("a-2", AgentStatus.KILLED);
    assertProgress("k-1", true, 4, 3, 0);
    Instant end = moved("a-3", AgentStatus.COMPLETED).event().timestamp();
    assertProgress("k-1", false, 4, 4, 0);
    assertThat(find("k-1").finishedAt()).isEqualTo(end);
  }

  @Test
  default void killWithGraceKillsAtItsDeadline() {
    running("a-1");
    register("a-2");
    Kill kill = start("k-1", kill(Duration.ofMillis(1), null, false));
    scan("k-1", 10);
    awaitAfter(kill.deadline());
    List<CommittedTransition> killed = expireDeadlines();
    assertThat(killed)
        .hasSize(2)
        .allSatisfy(
            change -> {
              assertThat(change.agent().status()).isEqualTo(AgentStatus.KILLED);
              assertThat(change.event().reason()).isEqualTo("enough");
              assertThat(change.event().actor()).isEqualTo("deadline");
              assertThat(change.event().killId()).isEqualTo("k-1");
              assertThat(store().events()).contains(change.event());
            });
    assertProgress("k-1", false, 2, 2, 0);
    assertThat(store().sessions().heartbeat("a-1", null))
        .isEqualTo(
            new HeartbeatResult.Finished(new Ending(AgentStatus.KILLED, "enough", null, "k-1")));
  }

  @Test
  default void agentThatEndsBeforeTheStopIsCountedAsFinished() {
    for (int i = 0; i < 3; i++) {
      running("a-" + i);
    }
    start("k-1", kill(LONG_GRACE, null, false));
    step("k-1", 1);
    moved("a-0", AgentStatus.COMPLETED);
    assertProgress("k-1", true, 2, 0, 1);
    register("late");
    assertThat(scan("k-1", 1)).extracting(DesiredEvent::agentId).containsExactly("a-1");
    moved("a-1", AgentStatus.COMPLETED);
    moved("a-2", AgentStatus.COMPLETED);
    assertProgress("k-1", false, 3, 2, 1);
    assertThat(found("late").status()).isEqualTo(AgentStatus.SPAWNING);
  }

  @Test
  default void killWithGraceWithoutMatchesIsDone() {
    start("k-1", kill(LONG_GRACE, null, false));
    assertThat(scan("k-1", 10)).isEmpty();
    assertProgress("k-1", false, 0, 0, 0);
    running("a-1");
    start("k-2", kill(LONG_GRACE, null, false));
    moved("a-1", AgentStatus.COMPLETED);
    scan("k-2", 10);
    assertProgress("k-2", false, 1, 0, 1);
  }

  @Test
  default void dryRunOfAKillWithGraceRequestsNoStop() {
    running("a-1");
    start("k-1", kill(LONG_GRACE, null, true));
    assertThat(scan("k-1", 10)).isEmpty();
    assertThat(session("a-1").desired()).isNull();
    assertProgress("k-1", false, 1, 0, 0);
  }

  @Test
  default void killWithGraceKeepsAnEarlierStop() {
    running("a-1");
    Desired first = desire("a-1", stop(Duration.ofMinutes(50), "first")).desired();
    start("k-1", kill(LONG_GRACE, null, false));
    assertThat(scan("k-1", 10)).isEmpty();
    assertThat(session("a-1").desired()).isEqualTo(first);
    assertProgress("k-1", true, 1, 0, 0);
    start("k-2", kill(Duration.ofMinutes(10), null, false));
    assertThat(scan("k-2", 10)).hasSize(1);
    assertThat(session("a-1").desired().since()).isEqualTo(first.since());
    assertThat(session("a-1").desired().deadline()).isEqualTo(find("k-2").deadline());
    moved("a-1", AgentStatus.COMPLETED);
    assertProgress("k-1", false, 1, 1, 0);
    assertProgress("k-2", false, 1, 1, 0);
  }

  @Test
  default void killWithoutGraceEndsAgentsThatShouldStop() {
    running("a-1");
    register("a-2");
    start("k-1", kill(LONG_GRACE, null, false));
    scan("k-1", 10);
    start("k-2", kill(null, null, false));
    assertThat(step("k-2", 10).killed()).hasSize(2);
    assertProgress("k-1", false, 2, 2, 0);
    assertProgress("k-2", false, 2, 2, 0);
  }

  @Test
  default void killWithGraceOfATreeRequestsStopsOfAncestorsFirst() {
    register("root");
    child("a", "root");
    register("other");
    child("b", "a");
    Kill kill = start("k-1", kill(Duration.ofMillis(1), "root", false));
    assertThat(step("k-1", 1).stopping()).extracting(DesiredEvent::agentId).containsExactly("root");
    assertThat(tryRegister(childOf("root", "late", Parent.OnEnd.CONTINUE)))
        .isEqualTo(new RegisterResult.ParentNotActive());
    child("c", "b");
    assertThat(scan("k-1", 1)).extracting(DesiredEvent::agentId).containsExactly("a", "b", "c");
    awaitAfter(kill.deadline());
    assertThat(ids(expireDeadlines())).containsExactlyInAnyOrder("root", "a", "b", "c");
    assertProgress("k-1", false, 4, 4, 0);
    assertThat(found("other").status()).isEqualTo(AgentStatus.SPAWNING);
  }

  /** The list of running kills that a server has read may be old. */
  @Test
  default void stepAfterTheScanChangesNothing() {
    for (int i = 0; i < 5; i++) {
      running("a-" + i);
    }
    start("k-1", kill(LONG_GRACE, null, false));
    scan("k-1", 3);
    try (StoreUnderTest other = store().anotherServer()) {
      for (int limit : new int[] {1, 10}) {
        assertThat(other.kills().step("k-1", limit, AgentStatus.KILLED.sources()))
            .isEqualTo(new KillStep(true, List.of(), List.of()));
      }
    }
    assertProgress("k-1", true, 5, 0, 0);
    for (int i = 0; i < 5; i++) {
      moved("a-" + i, AgentStatus.COMPLETED);
    }
    assertProgress("k-1", false, 5, 5, 0);
    assertThat(step("k-1", 10).done()).isTrue();
  }

  @Test
  default void concurrentStepsRequestEachStopOnce() throws Exception {
    int agents = 60;
    for (int i = 0; i < agents; i++) {
      running("a-" + i);
    }
    start("k-1", kill(LONG_GRACE, null, false));
    List<List<String>> stopped =
        concurrently(
            4,
            (server, caller) -> {
              List<String> own = new ArrayList<>();
              for (boolean done = false; !done; ) {
                KillStep step = server.kills().step("k-1", 4, AgentStatus.KILLED.sources());
                step.stopping().forEach(event -> own.add(event.agentId()));
                done = step.done();
                TransitionRequest completed = move(AgentStatus.COMPLETED);
                for (String id : own) {
                  server.agents().move(id, completed, completed.to().sources(), null);
                }
              }
              return own;
            });
    assertThat(stopped.stream().flatMap(List::stream)).hasSize(agents).doesNotHaveDuplicates();
    assertProgress("k-1", false, agents, agents, 0);
    assertEachEndedOnce(agents);
  }

  /** A kill that waits for its agents does not take part in later transitions of others. */
  @Test
  default void waitingKillsDoNotCountAsRunningKills() {
    running("a-1");
    for (int i = 0; i < 100; i++) {
      start("k-" + i, kill(LONG_GRACE, null, false));
      scan("k-" + i, 10);
    }
    assertThat(store().kills().runningKills()).isEmpty();
    moved("a-1", AgentStatus.COMPLETED);
    for (int i = 0; i < 100; i++) {
      assertProgress("k-" + i, false, 1, 1, 0);
    }
  }

  @Test
  default void repeatedKillWithGraceReturnsItsFirstReply() {
    IdempotencyKey key = new IdempotencyKey("key", "content", "text");
    running("a-1");
    KillRequest request = kill(LONG_GRACE, "a-1", false);
    StartKillResult first = store().kills().start("k-1", request, key);
    assertThat(store().kills().start("k-2", request, key)).isEqualTo(first);
    assertThat(store().kills().runningKills()).containsExactly("k-1");
    assertThat(find("k-1").deadline()).isEqualTo(find("k-1").startedAt().plus(LONG_GRACE));
  }

  @Test
  default void completionWithAStopRequestIsLegal() {
    running("a-1");
    start("k-1", kill(LONG_GRACE, null, false));
    scan("k-1", 10);
    assertThat(tryMove("a-1", move(AgentStatus.COMPLETED)))
        .isInstanceOf(TransitionResult.Applied.class);
    assertThat(transitionEvents().get(2).killId()).as("it ended by itself").isNull();
  }

  @Test
  default void purgedKillWithGraceLeavesNothing() {
    assertLeavesNothing(
        3,
        () -> {
          running("completed");
          running("killed");
          Kill kill = start("k-1", kill(Duration.ofMillis(1), null, false));
          scan("k-1", 10);
          moved("completed", AgentStatus.COMPLETED);
          awaitAfter(kill.deadline());
          assertThat(expireDeadlines()).hasSize(1);
          running("tree");
          start("k-2", kill(LONG_GRACE, "tree", false));
          scan("k-2", 1);
          moved("tree", AgentStatus.COMPLETED);
        });
  }
}
