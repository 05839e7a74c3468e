package org.agentlifecycle.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentQuery;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.Ending;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.agent.SupervisionFilter;
import org.agentlifecycle.agent.Waiting;
import org.agentlifecycle.agent.WaitingEvent;
import org.agentlifecycle.batch.StorePipeline;
import org.agentlifecycle.supervision.WaitingResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Contract of agents that wait for somebody. */
interface WaitingContract extends StoreContractSupport {
  Waiting APPROVAL = new Waiting(Waiting.Kind.APPROVAL, NASTY, "https://host/a?b=%20#c", null);
  Waiting INPUT = new Waiting(Waiting.Kind.INPUT, null, null, null);
  WaitingResult UNCHANGED = new WaitingResult.Accepted(null, false);

  private WaitingResult start(String agentId, Waiting waiting) {
    return store().supervision().startWaiting(agentId, waiting, null);
  }

  private WaitingResult end(String agentId) {
    return store().supervision().endWaiting(agentId, null);
  }

  private static Waiting since(Waiting waiting, Instant since) {
    return new Waiting(waiting.kind(), waiting.note(), waiting.url(), since);
  }

  private static WaitingEvent event(WaitingResult result) {
    return ((WaitingResult.Accepted) result).event();
  }

  private List<String> waitingFor(Set<Waiting.Kind> kinds) {
    return listedIds(supervised(new SupervisionFilter(null, null, kinds, null)));
  }

  // Start and end ---------------------------------------------------------------------------------

  @Test
  default void runningAgentStartsToWait() {
    Agent agent = running("a-1");
    assertThat(session("a-1").waiting()).isNull();
    WaitingResult result = start("a-1", APPROVAL);
    WaitingEvent event = event(result);
    assertThat(result).isEqualTo(new WaitingResult.Accepted(event, false));
    assertThat(event)
        .isEqualTo(
            new WaitingEvent(
                event.id(),
                "a-1",
                "task-1",
                event.timestamp(),
                2,
                since(APPROVAL, event.timestamp())));
    assertThat(event.type()).isEqualTo(AgentEvent.Type.WAITING);
    assertThat(store().events()).hasSize(3).last().isEqualTo(event);
    assertThat(session("a-1").waiting()).isEqualTo(event.waiting());
    assertThat(found("a-1")).as("waiting does not change the agent").isEqualTo(agent);
    assertThat(store().agents().history("a-1").orElseThrow()).hasSize(2);
  }

  @Test
  default void endOfWaitingHasAnEvent() {
    running("a-1");
    start("a-1", APPROVAL);
    WaitingEvent event = event(end("a-1"));
    assertThat(event)
        .isEqualTo(new WaitingEvent(event.id(), "a-1", "task-1", event.timestamp(), 2, null));
    assertThat(event.type()).isEqualTo(AgentEvent.Type.RESUMED);
    assertThat(store().events()).hasSize(4).last().isEqualTo(event);
    assertThat(session("a-1").waiting()).isNull();
    assertThat(end("a-1")).isEqualTo(UNCHANGED);
    assertThat(store().events()).hasSize(4);
  }

  @Test
  default void repeatedValueHasNoEvent() {
    running("a-1");
    assertThat(end("a-1")).as("an agent that does not wait").isEqualTo(UNCHANGED);
    Waiting first = event(start("a-1", APPROVAL)).waiting();
    awaitAfter(first.since().plusMillis(1));
    assertThat(start("a-1", APPROVAL)).isEqualTo(UNCHANGED);
    assertThat(session("a-1").waiting()).isEqualTo(first);
    assertThat(store().events()).hasSize(3);
  }

  @Test
  default void changedValueHasAnEventAndANewTime() {
    running("a-1");
    Waiting last = event(start("a-1", APPROVAL)).waiting();
    int events = store().events().size();
    for (Waiting changed :
        List.of(
            new Waiting(Waiting.Kind.APPROVAL, "another note", APPROVAL.url(), null),
            new Waiting(Waiting.Kind.APPROVAL, "another note", "http://other", null),
            new Waiting(Waiting.Kind.AUTHORIZATION, "another note", "http://other", null),
            new Waiting(Waiting.Kind.OTHER, null, null, null),
            APPROVAL)) {
      Instant before = last.since();
      awaitAfter(before.plusMillis(1));
      last = event(start("a-1", changed)).waiting();
      assertThat(last.since()).isAfter(before);
      assertThat(last).isEqualTo(since(changed, last.since()));
      assertThat(session("a-1").waiting()).isEqualTo(last);
      assertThat(store().events()).hasSize(++events);
    }
  }

  @Test
  default void onlyARunningAgentStartsToWait() {
    register("a-1");
    assertThat(start("a-1", INPUT)).isEqualTo(new WaitingResult.NotRunning(AgentStatus.SPAWNING));
    assertThat(end("a-1")).isEqualTo(UNCHANGED);
    assertThat(start("a-0", INPUT)).isEqualTo(new WaitingResult.AgentNotFound());
    assertThat(end("a-0")).isEqualTo(new WaitingResult.AgentNotFound());
    assertThat(store().events()).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource(
      value = AgentStatus.class,
      names = {"COMPLETED", "FAILED", "KILLED"})
  default void transitionEndsWaitingWithoutAnEvent(AgentStatus last) {
    running("a-1");
    start("a-1", INPUT);
    Agent agent = moved("a-1", last).agent();
    assertThat(session("a-1").waiting()).isNull();
    assertThat(store().agents().stats().waiting()).isZero();
    assertThat(waitingFor(EnumSet.allOf(Waiting.Kind.class))).isEmpty();
    Ending ending = new Ending(last, null, agent.error(), null);
    assertThat(start("a-1", INPUT)).isEqualTo(new WaitingResult.Finished(ending));
    assertThat(end("a-1")).isEqualTo(new WaitingResult.Finished(ending));
    assertThat(store().events())
        .extracting(AgentEvent::type)
        .containsExactly(
            AgentEvent.Type.SPAWNED,
            AgentEvent.Type.RUNNING,
            AgentEvent.Type.WAITING,
            AgentEvent.Type.of(last));
  }

  @Test
  default void waitingDoesNotStopLeasesDeadlinesAndKills() {
    store().sessions().expireLeases(10, StoreSettings.NEVER);
    register("a-1", null, Duration.ofMillis(1));
    moved("a-1", AgentStatus.RUNNING);
    running("a-2");
    start("a-1", INPUT);
    start("a-2", INPUT);
    store().sessions().heartbeat("a-2", Duration.ofMillis(1));
    awaitAfter(session("a-2").leaseExpiresAt());
    awaitAfter(found("a-1").runDeadline());
    assertThat(ids(store().sessions().expireLeases(10, StoreSettings.NEVER).results()))
        .containsExactly("a-2");
    assertThat(ids(expireDeadlines())).containsExactly("a-1");
    assertThat(store().agents().stats().waiting()).isZero();
  }

  @Test
  default void concurrentCallersStartAndEndWaitingOnce() throws Exception {
    running("a-1");
    assertThat(
            concurrently(8, (server, i) -> server.supervision().startWaiting("a-1", INPUT, null)))
        .filteredOn(result -> event(result) != null)
        .hasSize(1);
    assertThat(concurrently(8, (server, i) -> server.supervision().endWaiting("a-1", null)))
        .filteredOn(result -> event(result) != null)
        .hasSize(1);
    assertThat(store().events()).hasSize(4);
  }

  // Lists and counts ------------------------------------------------------------------------------

  @Test
  default void waitingAgentsAreListedAndCounted() {
    for (Waiting.Kind kind : Waiting.Kind.values()) {
      running("a-" + kind);
      start("a-" + kind, new Waiting(kind, "note", null, null));
    }
    running("none");
    assertThat(waitingFor(EnumSet.allOf(Waiting.Kind.class)))
        .containsExactly("a-OTHER", "a-AUTHORIZATION", "a-APPROVAL", "a-INPUT");
    assertThat(waitingFor(Set.of(Waiting.Kind.APPROVAL))).containsExactly("a-APPROVAL");
    assertThat(waitingFor(Set.of(Waiting.Kind.OTHER, Waiting.Kind.INPUT)))
        .containsExactly("a-OTHER", "a-INPUT");
    assertThat(store().agents().stats().waiting()).isEqualTo(4);
    start("a-INPUT", new Waiting(Waiting.Kind.OTHER, null, null, null));
    end("a-APPROVAL");
    assertThat(waitingFor(Set.of(Waiting.Kind.OTHER))).containsExactly("a-OTHER", "a-INPUT");
    assertThat(waitingFor(Set.of(Waiting.Kind.INPUT, Waiting.Kind.APPROVAL))).isEmpty();
    assertThat(store().agents().stats().waiting()).isEqualTo(3);
    moved("a-INPUT", AgentStatus.KILLED);
    assertThat(store().agents().stats().waiting()).isEqualTo(2);
  }

  @Test
  default void filterByWaitingCombinesWithOtherFilters() {
    for (int i = 0; i < 8; i++) {
      register(registration("a-" + i, "task-" + i % 2, "team", "t-" + i / 4));
      moved("a-" + i, AgentStatus.RUNNING);
      if (i != 6) {
        start("a-" + i, i % 4 == 0 ? INPUT : APPROVAL);
      }
    }
    SupervisionFilter filter =
        new SupervisionFilter(null, null, Set.of(Waiting.Kind.APPROVAL), null);
    assertThat(
            listedIds(
                new AgentQuery(
                    Set.of(AgentStatus.RUNNING),
                    "task-0",
                    Map.of(),
                    true,
                    filter,
                    10,
                    AgentQuery.NEWEST)))
        .containsExactly("a-2");
    assertThat(
            listedIds(
                new AgentQuery(
                    Set.of(),
                    null,
                    Map.of("team", Set.of("t-1")),
                    null,
                    filter,
                    10,
                    AgentQuery.NEWEST)))
        .containsExactly("a-7", "a-5");
    assertThat(store().sessions().list(supervised(filter), false).items())
        .allSatisfy(
            item ->
                assertThat(item.session().waiting())
                    .isEqualTo(since(APPROVAL, item.session().waiting().since())))
        .hasSize(5);
  }

  @Test
  default void purgedWaitingLeavesNothing() {
    assertLeavesNothing(
        2,
        () -> {
          running("waits");
          start("waits", APPROVAL);
          running("waited");
          start("waited", APPROVAL);
          end("waited");
          moved("waits", AgentStatus.COMPLETED);
          moved("waited", AgentStatus.COMPLETED);
        });
  }

  // Idempotency keys and batches ------------------------------------------------------------------

  @Test
  default void repeatedCallsWithAKeyReturnTheirFirstReply() {
    use(StoreSettings.QUIET.keepingFinals(Duration.ofMillis(1)));
    IdempotencyKey start = new IdempotencyKey("start", "content", "text");
    IdempotencyKey end = new IdempotencyKey("end", "content", "text");
    running("a-1");
    WaitingEvent started = event(store().supervision().startWaiting("a-1", APPROVAL, start));
    WaitingEvent ended = event(store().supervision().endWaiting("a-1", end));
    assertRepliesAreReplayed(start, started, end, ended);
    assertThat(session("a-1").waiting()).as("a replay changes nothing").isNull();
    assertThat(
            store()
                .supervision()
                .startWaiting("a-1", INPUT, new IdempotencyKey("start", "other", "other")))
        .isEqualTo(new WaitingResult.KeyReused());
    assertThat(store().supervision().endWaiting("a-1", new IdempotencyKey("end", "other", "other")))
        .isEqualTo(new WaitingResult.KeyReused());
    moved("a-1", AgentStatus.COMPLETED);
    assertRepliesAreReplayed(start, started, end, ended);
    purgeAll(1);
    assertRepliesAreReplayed(start, started, end, ended);
    assertThat(store().events()).hasSize(6);
  }

  private void assertRepliesAreReplayed(
      IdempotencyKey start, WaitingEvent started, IdempotencyKey end, WaitingEvent ended) {
    assertThat(store().supervision().startWaiting("a-1", APPROVAL, start))
        .isEqualTo(new WaitingResult.Accepted(started, true));
    assertThat(store().supervision().endWaiting("a-1", end))
        .isEqualTo(new WaitingResult.Accepted(ended, true));
  }

  /** A later repetition must not start to wait again. */
  @Test
  default void replyWithoutAChangeIsStored() {
    IdempotencyKey key = new IdempotencyKey("key", "content", "text");
    running("a-1");
    start("a-1", INPUT);
    assertThat(store().supervision().startWaiting("a-1", INPUT, key)).isEqualTo(UNCHANGED);
    end("a-1");
    assertThat(store().supervision().startWaiting("a-1", INPUT, key))
        .isEqualTo(new WaitingResult.Accepted(null, true));
    assertThat(session("a-1").waiting()).isNull();
  }

  @Test
  default void rejectionOfWaitingIsNotStored() {
    IdempotencyKey key = new IdempotencyKey("key", "content", "text");
    assertThat(store().supervision().startWaiting("a-1", INPUT, key))
        .isEqualTo(new WaitingResult.AgentNotFound());
    register("a-1");
    assertThat(store().supervision().startWaiting("a-1", INPUT, key))
        .isEqualTo(new WaitingResult.NotRunning(AgentStatus.SPAWNING));
    moved("a-1", AgentStatus.RUNNING);
    assertThat(event(store().supervision().startWaiting("a-1", INPUT, key))).isNotNull();
  }

  @Test
  default void batchStartsAndEndsWaiting() {
    register("a-1");
    StorePipeline pipeline = store().batches().pipeline();
    Supplier<WaitingResult> early = pipeline.startWaiting("a-1", INPUT, null);
    pipeline.move("a-1", move(AgentStatus.RUNNING), AgentStatus.RUNNING.sources(), null);
    Supplier<WaitingResult> started = pipeline.startWaiting("a-1", INPUT, null);
    Supplier<WaitingResult> repeated = pipeline.startWaiting("a-1", INPUT, null);
    Supplier<WaitingResult> ended = pipeline.endWaiting("a-1", null);
    Supplier<WaitingResult> missing = pipeline.endWaiting("a-0", null);
    pipeline.execute();
    assertThat(early.get()).isEqualTo(new WaitingResult.NotRunning(AgentStatus.SPAWNING));
    assertThat(repeated.get()).isEqualTo(UNCHANGED);
    assertThat(missing.get()).isEqualTo(new WaitingResult.AgentNotFound());
    assertThat(store().events().subList(2, 4))
        .isEqualTo(List.of(event(started.get()), event(ended.get())));
  }
}
