package org.agentlifecycle.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentQuery;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.CommittedTransition;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.Transition;
import org.agentlifecycle.agent.TransitionEvent;
import org.agentlifecycle.agent.TransitionResult;
import org.agentlifecycle.kill.Kill;
import org.agentlifecycle.kill.KillRequest;
import org.agentlifecycle.kill.KillStep;
import org.agentlifecycle.kill.StartKillResult;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Contract of bulk kills. */
interface KillContract extends StoreContractSupport {
  KillRequest ALL = new KillRequest(null, null, Map.of(), "enough", false);

  private void start(String killId, KillRequest request) {
    assertThat(store().kills().start(killId, request, null))
        .isEqualTo(new StartKillResult.Started(killId));
  }

  private KillStep step(String killId, int limit) {
    return store().kills().step(killId, limit, AgentStatus.KILLED.sources());
  }

  private List<CommittedTransition> runToCompletion(String killId, int limit) {
    List<CommittedTransition> killed = new ArrayList<>();
    KillStep step;
    do {
      step = step(killId, limit);
      assertThat(step.killed()).hasSizeLessThanOrEqualTo(limit);
      killed.addAll(step.killed());
    } while (!step.done());
    return killed;
  }

  private Kill kill(String killId) {
    return store().kills().findKill(killId).orElseThrow();
  }

  private void assertCounts(String killId, long matched, long killed, long alreadyFinished) {
    Kill kill = kill(killId);
    assertThat(List.of(kill.matched(), kill.killed(), kill.alreadyFinished()))
        .as("matched, killed, already finished")
        .containsExactly(matched, killed, alreadyFinished);
  }

  private List<Agent> allAgents() {
    return store()
        .agents()
        .list(new AgentQuery(Set.of(), null, Map.of(), null, 1000, AgentQuery.NEWEST))
        .items();
  }

  /** Two of every status, of two tasks, with and without labels. */
  private void population() {
    int number = 0;
    for (AgentStatus status : AgentStatus.values()) {
      for (String task : List.of("task-1", "task-2")) {
        for (Map<String, String> labels :
            List.of(
                Map.<String, String>of(),
                Map.of("team", "search"),
                Map.of("team", "search", "env", "prod"))) {
          String id = "a-" + number++;
          register(new Registration(id, task, labels, null, null, null));
          moveTo(id, status);
        }
      }
    }
  }

  static Stream<KillRequest> selectors() {
    List<Map<String, String>> labels =
        List.of(
            Map.of(),
            Map.of("team", "search"),
            Map.of("team", "search", "env", "prod"),
            Map.of("team", "none"));
    return Stream.of("", "task-1", "task-none")
        .flatMap(
            task ->
                Stream.of("", "spawning", "running")
                    .flatMap(
                        status ->
                            labels.stream()
                                .map(
                                    some ->
                                        new KillRequest(
                                            task.isEmpty() ? null : task,
                                            AgentStatus.ofWireName(status).orElse(null),
                                            some,
                                            null,
                                            false))));
  }

  private static Predicate<Agent> matching(KillRequest request) {
    return agent ->
        !agent.status().isFinal()
            && (request.taskId() == null || request.taskId().equals(agent.taskId()))
            && (request.status() == null || request.status() == agent.status())
            && agent.labels().entrySet().containsAll(request.labels().entrySet());
  }

  @Test
  default void dryRunCountsMatchesAndChangesNothing() {
    population();
    List<Agent> before = allAgents();
    int events = store().events().size();
    int number = 0;
    for (KillRequest request : selectors().toList()) {
      String killId = "k-" + number++;
      start(
          killId,
          new KillRequest(request.taskId(), request.status(), request.labels(), null, true));
      assertThat(runToCompletion(killId, 4)).isEmpty();
      assertCounts(killId, before.stream().filter(matching(request)).count(), 0, 0);
    }
    assertThat(allAgents()).isEqualTo(before);
    assertThat(store().events()).hasSize(events);
  }

  /** The narrowest selector is first, so that each selector still matches active agents. */
  @Test
  default void killReachesExactlyMatchingAgentsNewestFirst() {
    population();
    int number = 0;
    for (KillRequest request :
        selectors().sorted(Comparator.comparing(KillContract::width)).toList()) {
      List<Agent> before = allAgents();
      List<String> expected =
          before.stream().filter(matching(request)).map(Agent::agentId).toList();
      String killId = "k-" + number++;
      start(killId, request);
      assertThat(ids(runToCompletion(killId, 4))).as("%s", request).isEqualTo(expected);
      assertCounts(killId, expected.size(), expected.size(), 0);
      assertThat(allAgents().stream().filter(agent -> !before.contains(agent)).map(Agent::agentId))
          .isEqualTo(expected);
    }
    assertThat(allAgents()).allMatch(agent -> agent.status().isFinal());
  }

  /** Returns a sort key: a selector with fewer conditions matches more agents. */
  private static int width(KillRequest request) {
    return (request.taskId() == null ? 1 : 0)
        + (request.status() == null ? 1 : 0)
        + (2 - request.labels().size());
  }

  @Test
  default void killedAgentHasOneEventWithKillAndReason() {
    register("a-1");
    register("a-2");
    moved("a-2", AgentStatus.RUNNING);
    start("k-1", new KillRequest(null, null, Map.of(), NASTY, false));
    List<CommittedTransition> killed = runToCompletion("k-1", 10);
    assertThat(ids(killed)).containsExactly("a-2", "a-1");
    List<TransitionEvent> events = transitionEvents();
    assertThat(events.subList(3, 5))
        .isEqualTo(killed.stream().map(CommittedTransition::event).toList())
        .allSatisfy(
            event -> {
              assertThat(event.type()).isEqualTo(AgentEvent.Type.KILLED);
              assertThat(event.killId()).isEqualTo("k-1");
              assertThat(event.reason()).isEqualTo(NASTY);
            });
    assertThat(events.get(3).from()).isEqualTo(AgentStatus.RUNNING);
    assertThat(killed).allSatisfy(c -> assertThat(found(c.agent().agentId())).isEqualTo(c.agent()));
    assertThat(store().agents().history("a-1").orElseThrow())
        .last()
        .extracting(Transition::reason)
        .isEqualTo(NASTY);
    assertThat(session("a-1").cleanupAt()).isNotNull();
    assertThat(tryMove("a-2", move(AgentStatus.COMPLETED)))
        .as("a later completion is illegal")
        .isEqualTo(new TransitionResult.Illegal(AgentStatus.KILLED));
  }

  @Test
  default void killWithoutReasonHasNoReason() {
    register("a-1");
    start("k-1", new KillRequest("task-1", null, Map.of(), null, false));
    assertThat(runToCompletion("k-1", 1))
        .singleElement()
        .extracting(c -> c.event().reason())
        .isNull();
  }

  // Agents at the start ---------------------------------------------------------------------------

  @Test
  default void agentRegisteredAfterStartOfKillIsNotKilled() {
    register("before");
    start("k-1", ALL);
    register("after");
    assertThat(ids(runToCompletion("k-1", 10))).containsExactly("before");
    assertCounts("k-1", 1, 1, 0);
    assertThat(found("after").status()).isEqualTo(AgentStatus.SPAWNING);
  }

  /** Event ids of one millisecond can have sequence numbers with two digits. */
  @Test
  default void agentRegisteredRightAfterStartOfKillIsNotKilled() {
    for (int i = 0; i < 30; i++) {
      register("before-" + i);
    }
    start("k-1", new KillRequest("task-1", AgentStatus.SPAWNING, Map.of(), null, false));
    for (int i = 0; i < 30; i++) {
      register("after-" + i);
    }
    assertThat(ids(runToCompletion("k-1", 7))).hasSize(30).allMatch(id -> id.startsWith("before"));
  }

  @Test
  default void killOverAnEmptyFeedMatchesAllAgentsOfItsStart() {
    for (int i = 0; i < 5; i++) {
      register("before-" + i);
    }
    store().trimFeed(0);
    start("k-1", ALL);
    register("after");
    moved("before-0", AgentStatus.FAILED);
    assertThat(ids(runToCompletion("k-1", 2)))
        .containsExactly("before-4", "before-3", "before-2", "before-1");
    assertCounts("k-1", 5, 4, 1);
    assertThat(found("after").status()).isEqualTo(AgentStatus.SPAWNING);
  }

  /** A store may cache the selector of a kill between calls, but not its progress. */
  @Test
  default void finalTransitionCountsOnlyForKillsThatHaveNotReachedTheAgent() {
    for (int i = 0; i < 6; i++) {
      register(
          new Registration("a-" + i, "task-1", Map.of("team", "t-" + i % 2), null, null, null));
    }
    start("even", new KillRequest(null, null, Map.of("team", "t-0"), null, true));
    start("odd", new KillRequest(null, null, Map.of("team", "t-1"), null, false));
    moved("a-5", AgentStatus.FAILED);
    assertCounts("odd", 1, 0, 1);
    assertCounts("even", 0, 0, 0);
    assertThat(step("even", 1).done()).isFalse(); // counts a-4
    moved("a-4", AgentStatus.FAILED);
    assertCounts("even", 1, 0, 0);
    moved("a-2", AgentStatus.FAILED);
    assertCounts("even", 2, 0, 0);
    runToCompletion("even", 10);
    runToCompletion("odd", 10);
    assertCounts("even", 3, 0, 0);
    assertCounts("odd", 3, 2, 1);
  }

  @Test
  default void killMatchesTheStatusAtItsStart() {
    for (int i = 0; i < 4; i++) {
      register("a-" + i);
    }
    moved("a-0", AgentStatus.RUNNING);
    moved("a-1", AgentStatus.RUNNING);
    start("of-spawning", new KillRequest(null, AgentStatus.SPAWNING, Map.of(), null, false));
    start("of-running", new KillRequest(null, AgentStatus.RUNNING, Map.of(), null, false));
    moved("a-2", AgentStatus.RUNNING);
    moved("a-0", AgentStatus.COMPLETED);
    assertThat(ids(runToCompletion("of-running", 10))).containsExactly("a-1");
    assertCounts("of-running", 2, 1, 1);
    assertThat(ids(runToCompletion("of-spawning", 10))).containsExactly("a-3", "a-2");
    assertCounts("of-spawning", 2, 2, 0);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  default void agentFinalBeforeKillReachesItIsCountedAsFinished(boolean byTask) {
    for (int i = 0; i < 10; i++) {
      register("a-" + i);
      moved("a-" + i, AgentStatus.RUNNING);
    }
    moved("a-9", AgentStatus.COMPLETED);
    start("k-1", new KillRequest(byTask ? "task-1" : null, null, Map.of(), null, false));
    moved("a-8", AgentStatus.FAILED);
    List<CommittedTransition> killed = new ArrayList<>(step("k-1", 3).killed());
    moved("a-0", AgentStatus.COMPLETED);
    moved("a-1", AgentStatus.KILLED);
    killed.addAll(runToCompletion("k-1", 3));
    assertThat(ids(killed)).containsExactly("a-7", "a-6", "a-5", "a-4", "a-3", "a-2");
    assertCounts("k-1", 9, 6, 3);
    assertThat(found("a-1").status()).isEqualTo(AgentStatus.KILLED);
    assertThat(transitionEvents())
        .filteredOn(event -> event.killId() != null)
        .as("agents of this kill")
        .hasSize(6);
  }

  @Test
  default void dryRunCountsActiveAgentsAtItsStart() {
    for (int i = 0; i < 6; i++) {
      register("a-" + i);
    }
    start("k-1", new KillRequest(null, null, Map.of(), null, true));
    step("k-1", 2);
    moved("a-5", AgentStatus.KILLED);
    moved("a-0", AgentStatus.KILLED);
    register("after");
    assertThat(runToCompletion("k-1", 2)).isEmpty();
    assertCounts("k-1", 6, 0, 0);
  }

  @Test
  default void killIgnoresNewAgentWithTheIdOfAPurgedAgent() {
    Duration retention =
        Duration.ofSeconds(1); // also for the kill record, which is read at the end
    use(StoreSettings.QUIET.keepingFinals(retention));
    register("a-1");
    register("a-2");
    start("k-1", ALL);
    moved("a-1", AgentStatus.FAILED);
    awaitAfter(found("a-1").completedAt().plus(retention));
    assertThat(store().sessions().purge(10).scanned()).isEqualTo(1);
    register("a-1");
    assertThat(ids(runToCompletion("k-1", 10))).containsExactly("a-2");
    assertCounts("k-1", 2, 1, 1);
  }

  // Record ----------------------------------------------------------------------------------------

  @Test
  default void killRecordReportsProgress() {
    for (int i = 0; i < 5; i++) {
      register("a-" + i);
    }
    start("k-1", ALL);
    Kill started = kill("k-1");
    assertThat(started)
        .isEqualTo(new Kill("k-1", true, false, 0, 0, 0, started.startedAt(), null, null));
    assertThat(store().kills().runningKills()).containsExactly("k-1");
    step("k-1", 2);
    assertThat(kill("k-1"))
        .isEqualTo(new Kill("k-1", true, false, 2, 2, 0, started.startedAt(), null, null));
    runToCompletion("k-1", 2);
    Kill done = kill("k-1");
    assertThat(done)
        .isEqualTo(
            new Kill("k-1", false, false, 5, 5, 0, started.startedAt(), done.finishedAt(), null));
    assertThat(done.finishedAt()).isAfterOrEqualTo(started.startedAt());
    assertThat(store().kills().runningKills()).isEmpty();
    assertThat(step("k-1", 2)).isEqualTo(new KillStep(true, List.of(), List.of()));
    assertThat(kill("k-1")).isEqualTo(done);
  }

  @Test
  default void killWithoutMatchesIsDone() {
    start("k-1", new KillRequest("task-none", null, Map.of(), null, false));
    assertThat(runToCompletion("k-1", 10)).isEmpty();
    assertCounts("k-1", 0, 0, 0);
    assertThat(kill("k-1").running()).isFalse();
  }

  @Test
  default void unknownKillIsReportedAsDone() {
    assertThat(store().kills().findKill("k-0")).isEmpty();
    assertThat(step("k-0", 10)).isEqualTo(new KillStep(true, List.of(), List.of()));
    assertThat(store().kills().findKill("k-0")).isEmpty();
  }

  @Test
  default void anyServerContinuesAKill() {
    for (int i = 0; i < 6; i++) {
      register("a-" + i);
    }
    start("k-1", ALL);
    step("k-1", 2);
    try (StoreUnderTest other = store().anotherServer()) {
      assertThat(other.kills().runningKills()).containsExactly("k-1");
      assertThat(ids(other.kills().step("k-1", 2, AgentStatus.KILLED.sources()).killed()))
          .containsExactly("a-3", "a-2");
      assertThat(other.kills().findKill("k-1")).contains(kill("k-1"));
    }
    runToCompletion("k-1", 2);
    assertCounts("k-1", 6, 6, 0);
  }

  @Test
  default void concurrentKillsCountAndKillEachAgentOnce() {
    for (int i = 0; i < 10; i++) {
      register(registration("a-" + i, "task-" + i % 2));
    }
    start("all", ALL);
    start("some", new KillRequest("task-1", null, Map.of(), null, false));
    assertThat(step("all", 3).killed()).hasSize(3);
    List<CommittedTransition> some = new ArrayList<>();
    while (some.isEmpty()) {
      some.addAll(step("some", 2).killed());
    }
    runToCompletion("all", 3);
    some.addAll(runToCompletion("some", 2));
    assertThat(some).isNotEmpty().allMatch(change -> change.event().killId().equals("some"));
    assertCounts("all", 10, 10 - some.size(), some.size());
    assertCounts("some", 5, some.size(), 5 - some.size());
    assertThat(finalEvents()).hasSize(10).doesNotHaveDuplicates();
  }

  private List<String> finalEvents() {
    return transitionEvents().stream()
        .filter(event -> event.to().isFinal())
        .map(AgentEvent::agentId)
        .toList();
  }

  @Test
  default void concurrentStepsKillEachAgentOnce() throws Exception {
    int agents = 120;
    for (int i = 0; i < agents; i++) {
      register("a-" + i);
      moved("a-" + i, AgentStatus.RUNNING);
    }
    start("k-1", ALL);
    List<List<String>> killed =
        concurrently(
            4,
            (server, caller) -> {
              List<String> own = new ArrayList<>();
              if (caller < 2) {
                KillStep step;
                do {
                  step = server.kills().step("k-1", 5, AgentStatus.KILLED.sources());
                  own.addAll(ids(step.killed()));
                } while (!step.done());
              } else {
                IntStream.iterate(caller, i -> i < agents, i -> i + 7)
                    .forEach(
                        i ->
                            server
                                .agents()
                                .move(
                                    "a-" + i,
                                    move(AgentStatus.COMPLETED),
                                    AgentStatus.COMPLETED.sources(),
                                    null));
              }
              return own;
            });
    assertThat(finalEvents()).hasSize(agents).doesNotHaveDuplicates();
    Map<AgentStatus, Long> statuses =
        allAgents().stream().collect(Collectors.groupingBy(Agent::status, Collectors.counting()));
    Map<AgentStatus, Long> accounted = new HashMap<>();
    accounted.put(AgentStatus.KILLED, kill("k-1").killed());
    accounted.put(AgentStatus.COMPLETED, kill("k-1").alreadyFinished());
    accounted.values().remove(0L);
    assertThat(statuses).isEqualTo(accounted);
    assertThat(kill("k-1").matched()).isEqualTo(agents);
    assertThat(killed.stream().flatMap(List::stream))
        .hasSize((int) kill("k-1").killed())
        .doesNotHaveDuplicates();
  }

  @Test
  default void numberOfRunningKillsIsLimited() {
    register("a-1");
    int started = 0;
    while (started < 1000
        && store().kills().start("k-" + started, ALL, null) instanceof StartKillResult.Started) {
      started++;
    }
    assertThat(started).isBetween(2, 999);
    assertThat(store().kills().findKill("k-" + started)).isEmpty();
    long size = store().size();
    assertThat(store().kills().start("more", ALL, null))
        .isEqualTo(new StartKillResult.TooManyKills());
    assertThat(store().size()).isEqualTo(size);
    runToCompletion("k-0", 10);
    start("more", ALL);
    for (int i = 1; i < started; i++) {
      runToCompletion("k-" + i, 10);
      assertCounts("k-" + i, 1, 0, 1);
    }
    runToCompletion("more", 10);
    assertCounts("more", 0, 0, 0);
  }

  @Test
  default void killRecordIsDeletedAfterRetention() {
    use(StoreSettings.QUIET.keepingFinals(Duration.ofMillis(20)));
    register("a-1");
    start("k-1", ALL);
    awaitAfter(kill("k-1").startedAt().plusMillis(25));
    assertThat(kill("k-1").running()).as("a running kill stays").isTrue();
    runToCompletion("k-1", 1);
    Awaitility.await()
        .pollInterval(Duration.ofMillis(5))
        .until(() -> store().kills().findKill("k-1").isEmpty());
  }
}
