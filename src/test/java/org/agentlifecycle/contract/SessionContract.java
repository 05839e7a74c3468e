package org.agentlifecycle.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentQuery;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.AgentVersion;
import org.agentlifecycle.agent.Ending;
import org.agentlifecycle.agent.RawJson;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.agent.TransitionResult;
import org.agentlifecycle.kill.KillRequest;
import org.agentlifecycle.session.AgentSession;
import org.agentlifecycle.session.AgentSessionPage;
import org.agentlifecycle.session.HeartbeatResult;
import org.agentlifecycle.session.Session;
import org.agentlifecycle.session.SessionResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Contract of sessions: context, end of the session, and versions of earlier agents. */
interface SessionContract extends StoreContractSupport {
  RawJson PID = new RawJson("{ \"pid\": 4711.0, \"n\": 1e400, \"text\": \"\\u00e9 \\/ 語\" }");

  private SessionResult replace(String agentId, RawJson context) {
    return store().sessions().replaceContext(agentId, context);
  }

  // Context ---------------------------------------------------------------------------------------

  @Test
  default void contextIsReplacedAsSent() {
    register(
        new Registration(
            "a-1", "task-1", Map.of(), null, new RawJson("{\"old\":true}"), Duration.ofHours(1)));
    store().sessions().heartbeat("a-1", null);
    Session before = session("a-1");
    Agent agent = found("a-1");
    SessionResult replaced = replace("a-1", PID);
    assertThat(replaced)
        .isEqualTo(
            new SessionResult.Open(
                new Session(
                    "a-1",
                    before.openedAt(),
                    before.lastHeartbeatAt(),
                    before.leaseExpiresAt(),
                    null,
                    null,
                    null,
                    null,
                    null,
                    PID)));
    assertThat(store().sessions().findSession("a-1")).isEqualTo(replaced);
    assertThat(found("a-1")).isEqualTo(agent);
    assertThat(store().events()).hasSize(1);
  }

  @Test
  default void contextIsSetWithoutAnEarlierOne() {
    register("a-1");
    replace("a-1", PID);
    assertThat(session("a-1").context()).isEqualTo(PID);
    replace("a-1", new RawJson("{}"));
    assertThat(session("a-1").context()).isEqualTo(new RawJson("{}"));
  }

  @Test
  default void contextOfAFinalAgentIsReplacedUntilItsSessionEnds() {
    register("a-1");
    moved("a-1", AgentStatus.KILLED);
    Session before = session("a-1");
    replace("a-1", PID);
    assertThat(session("a-1"))
        .isEqualTo(
            new Session(
                "a-1",
                before.openedAt(),
                null,
                null,
                before.cleanupAt(),
                null,
                null,
                null,
                null,
                PID));
    store().sessions().endSession("a-1");
    assertThat(replace("a-1", PID)).isEqualTo(new SessionResult.SessionNotFound());
    assertThat(store().sessions().findSession("a-1"))
        .isEqualTo(new SessionResult.SessionNotFound());
  }

  @Test
  default void contextIsLostWithTheSession() {
    use(StoreSettings.QUIET.cleanupAfter(Duration.ZERO));
    register("a-1");
    replace("a-1", PID);
    moved("a-1", AgentStatus.KILLED);
    store().sessions().cleanUpDueSessions(10).results();
    assertThat(replace("a-1", PID)).isEqualTo(new SessionResult.SessionNotFound());
    assertThat(store().events()).hasSize(3);
  }

  @Test
  default void sessionOfAnUnknownAgentIsAgentNotFound() {
    assertThat(replace("a-0", PID)).isEqualTo(new SessionResult.AgentNotFound());
    assertThat(store().sessions().findSession("a-0")).isEqualTo(new SessionResult.AgentNotFound());
    assertThat(store().agents().find("a-0")).isEmpty();
    assertThat(store().size()).isZero();
  }

  // Listings with sessions ------------------------------------------------------------------------

  @Test
  default void listingIncludesEachOpenSession() {
    register(new Registration("leased", "task-1", Map.of(), null, PID, Duration.ofHours(1)));
    store().sessions().heartbeat("leased", null);
    register("plain");
    register(new Registration("final", "task-1", Map.of(), null, PID, Duration.ofHours(1)));
    moved("final", AgentStatus.KILLED);
    register(new Registration("ended", "task-1", Map.of(), null, PID, null));
    moved("ended", AgentStatus.KILLED);
    store().sessions().endSession("ended");
    AgentQuery query = new AgentQuery(Set.of(), null, Map.of(), null, 10, AgentQuery.NEWEST);
    assertThat(store().sessions().list(query, true))
        .isEqualTo(
            new AgentSessionPage(
                List.of(
                    new AgentSession(found("ended"), null),
                    new AgentSession(found("final"), session("final")),
                    new AgentSession(found("plain"), session("plain")),
                    new AgentSession(found("leased"), session("leased"))),
                null,
                List.of()));
    assertThat(store().sessions().list(query, false).items())
        .extracting(item -> item.session() == null ? null : item.session().context())
        .containsOnlyNulls();
    assertThat(store().sessions().list(query, false).items())
        .extracting(item -> item.session() == null ? null : item.session().leaseExpiresAt())
        .containsExactly(null, null, null, session("leased").leaseExpiresAt());
  }

  @Test
  default void listingWithSessionsHasFiltersAndPages() {
    for (int i = 0; i < 5; i++) {
      register(registration("a-" + i, "task-1", "team", i % 2 == 0 ? "x" : "y"));
    }
    Map<String, Set<String>> team = Map.of("team", Set.of("x"));
    AgentQuery first = new AgentQuery(Set.of(), "task-1", team, true, 2, AgentQuery.NEWEST);
    AgentSessionPage page = store().sessions().list(first, false);
    assertThat(page.items())
        .extracting(item -> item.agent().agentId())
        .containsExactly("a-4", "a-2");
    AgentQuery second = new AgentQuery(Set.of(), "task-1", team, true, 2, page.next());
    AgentSessionPage last = store().sessions().list(second, false);
    assertThat(last.items()).extracting(item -> item.agent().agentId()).containsExactly("a-0");
    assertThat(last.next()).isNull();
  }

  // End of the session ----------------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource(
      value = AgentStatus.class,
      names = {"COMPLETED", "FAILED", "KILLED"})
  default void agentShowsThatItsRunnerEndedTheSession(AgentStatus last) {
    register("a-1");
    moveTo("a-1", last);
    Agent open = found("a-1");
    assertThat(open.sessionConfirmed()).isNull();
    store().sessions().endSession("a-1");
    assertThat(found("a-1")).isEqualTo(ended(open, true));
    assertThat(listed()).containsExactly(ended(open, true));
  }

  @Test
  default void agentShowsThatTheCleanupEndedTheSession() {
    use(StoreSettings.QUIET.cleanupAfter(Duration.ZERO));
    register("a-1");
    moved("a-1", AgentStatus.KILLED);
    Agent open = found("a-1");
    store().sessions().cleanUpDueSessions(10).results();
    assertThat(found("a-1")).isEqualTo(ended(open, false));
    assertThat(listed()).containsExactly(ended(open, false));
  }

  /** Returns the agent as it is after the end of its session. */
  static Agent ended(Agent open, boolean confirmed) {
    return new Agent(
        open.agentId(),
        open.taskId(),
        open.family(),
        open.status(),
        open.version(),
        open.spawnedAt(),
        open.startedAt(),
        open.completedAt(),
        open.error(),
        open.timeouts(),
        open.labels(),
        open.metadata(),
        open.output(),
        confirmed,
        open.sequence());
  }

  private List<Agent> listed() {
    return store()
        .agents()
        .list(new AgentQuery(Set.of(), null, Map.of(), null, 10, AgentQuery.NEWEST))
        .items();
  }

  // The signal to stop ----------------------------------------------------------------------------

  @Test
  default void heartbeatOfAKilledAgentReturnsReasonAndKill() {
    register("a-1");
    store().kills().start("k-1", new KillRequest("task-1", null, Map.of(), NASTY, false), null);
    while (!store().kills().step("k-1", 10, AgentStatus.KILLED.sources()).done()) {
      // the next step
    }
    assertThat(store().sessions().heartbeat("a-1", null))
        .isEqualTo(
            new HeartbeatResult.Finished(new Ending(AgentStatus.KILLED, NASTY, null, "k-1")));
  }

  @Test
  default void heartbeatOfAFailedAgentReturnsErrorAndReason() {
    register("a-1");
    moved(
        "a-1",
        new TransitionRequest(AgentStatus.RUNNING, null, "reason of an earlier transition", null));
    moved("a-1", new TransitionRequest(AgentStatus.FAILED, NASTY, "by hand", null));
    assertThat(store().sessions().heartbeat("a-1", null))
        .isEqualTo(
            new HeartbeatResult.Finished(new Ending(AgentStatus.FAILED, "by hand", NASTY, null)));
  }

  @Test
  default void reasonOfAnEarlierTransitionIsNotReturned() {
    register("a-1");
    moved(
        "a-1",
        new TransitionRequest(AgentStatus.RUNNING, null, "reason of an earlier transition", null));
    moved("a-1", AgentStatus.COMPLETED);
    assertThat(store().sessions().heartbeat("a-1", null))
        .isEqualTo(
            new HeartbeatResult.Finished(new Ending(AgentStatus.COMPLETED, null, null, null)));
  }

  // Versions of earlier agents --------------------------------------------------------------------

  @Test
  default void versionOfAnEarlierRegistrationIsStale() {
    use(StoreSettings.QUIET.keepingFinals(Duration.ofMillis(1)));
    AgentVersion former = AgentVersion.of(register("a-1").agent());
    moved("a-1", AgentStatus.KILLED);
    awaitAfter(found("a-1").completedAt().plusMillis(1));
    store().sessions().purge(10);
    AgentVersion current = AgentVersion.of(register("a-1").agent());
    assertThat(current.version()).isEqualTo(former.version());
    assertThat(
            tryMove("a-1", new TransitionRequest(AgentStatus.RUNNING, null, null, Set.of(former))))
        .isEqualTo(new TransitionResult.VersionMismatch(1));
    assertThat(
            tryMove(
                "a-1",
                new TransitionRequest(AgentStatus.RUNNING, null, null, Set.of(former, current))))
        .isInstanceOf(TransitionResult.Applied.class);
  }

  /** A store that was restored from a backup assigns the same sequence numbers a second time. */
  @Test
  default void sameSequenceOfAnotherTimeIsStale() {
    AgentVersion current = AgentVersion.of(register("a-1").agent());
    AgentVersion restored =
        new AgentVersion(current.sequence(), current.spawnedAt() - 1, current.version());
    assertThat(
            tryMove(
                "a-1", new TransitionRequest(AgentStatus.RUNNING, null, null, Set.of(restored))))
        .isEqualTo(new TransitionResult.VersionMismatch(1));
  }
}
