package org.agentlifecycle.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.agentlifecycle.admission.Admission;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentQuery;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.CommittedTransition;
import org.agentlifecycle.agent.Desired;
import org.agentlifecycle.agent.Family;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.agent.Parent;
import org.agentlifecycle.agent.RegisterResult;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.SupervisionFilter;
import org.agentlifecycle.agent.Timeouts;
import org.agentlifecycle.agent.Transition;
import org.agentlifecycle.agent.TransitionEvent;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.agent.TransitionResult;
import org.agentlifecycle.batch.StorePipeline;
import org.agentlifecycle.kill.Kill;
import org.agentlifecycle.kill.KillRequest;
import org.agentlifecycle.kill.KillStep;
import org.agentlifecycle.kill.StartKillResult;
import org.agentlifecycle.session.SweepResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Contract of families: parents, trees, dependents, and kills of trees. */
interface FamilyContract extends StoreContractSupport {
  StoreSettings BRIEF = StoreSettings.QUIET.keepingFinals(Duration.ofMillis(1));

  private void dependent(String agentId, String parentId) {
    register(childOf(parentId, agentId, Parent.OnEnd.KILL));
  }

  private List<String> children(String parentId) {
    return listedIds(supervised(new SupervisionFilter(parentId, null, Set.of(), null)));
  }

  private List<String> tree(String rootId) {
    return listedIds(supervised(new SupervisionFilter(null, rootId, Set.of(), null)));
  }

  private AgentStatus status(String agentId) {
    return found(agentId).status();
  }

  // Registration ----------------------------------------------------------------------------------

  @Test
  default void everyReplyHasTheFamily() {
    assertThat(register("root").agent().family()).isEqualTo(new Family(null, "root", 0));
    assertThat(child("child", "root").agent().family()).isEqualTo(new Family("root", "root", 1));
    Agent agent = child("grandchild", "child").agent();
    assertThat(agent.family()).isEqualTo(new Family("child", "root", 2));
    assertThat(found("grandchild")).isEqualTo(agent);
    assertThat(store().agents().list(supervised(SupervisionFilter.ALL)).items())
        .extracting(Agent::family)
        .containsExactly(
            new Family("child", "root", 2),
            new Family("root", "root", 1),
            new Family(null, "root", 0));
    CommittedTransition running = moved("grandchild", AgentStatus.RUNNING);
    assertThat(running.agent().family()).isEqualTo(agent.family());
    assertThat(found("grandchild")).isEqualTo(running.agent());
    assertThat(found("root").family()).isEqualTo(Family.ofRoot("root"));
  }

  @Test
  default void parentMustBeActive() {
    assertThat(tryRegister(childOf("a-0", "child", Parent.OnEnd.KILL)))
        .isEqualTo(new RegisterResult.ParentNotActive());
    assertThat(tryRegister(childOf("child", "child", Parent.OnEnd.CONTINUE)))
        .as("its own parent")
        .isEqualTo(new RegisterResult.ParentNotActive());
    for (AgentStatus last : FINAL_STATUSES) {
      register("a-" + last);
      moveTo("a-" + last, last);
      assertThat(tryRegister(childOf("a-" + last, "child", Parent.OnEnd.CONTINUE)))
          .isEqualTo(new RegisterResult.ParentNotActive());
    }
    assertThat(store().agents().find("child")).isEmpty();
    assertThat(transitionEvents()).noneMatch(event -> event.agentId().equals("child"));
    running("parent");
    assertThat(child("child", "parent").agent().family().parentId()).isEqualTo("parent");
  }

  @Test
  default void requestedStopForbidsNewChildren() {
    running("parent");
    desire("parent", Desired.Mode.PAUSED, null);
    child("first", "parent");
    desire("parent", Desired.Mode.STOPPED, Duration.ofHours(1));
    assertThat(tryRegister(childOf("parent", "second", Parent.OnEnd.CONTINUE)))
        .isEqualTo(new RegisterResult.ParentNotActive());
    assertThat(tryRegister(childOf("first", "grandchild", Parent.OnEnd.CONTINUE)))
        .as("a child that may continue")
        .isInstanceOf(RegisterResult.Registered.class);
  }

  @Test
  default void treeHasAtMostSixteenLevels() {
    register("a-0");
    for (int depth = 1; depth <= Agent.MAX_DEPTH; depth++) {
      Family family = child("a-" + depth, "a-" + (depth - 1)).agent().family();
      assertThat(family).isEqualTo(new Family("a-" + (depth - 1), "a-0", depth));
    }
    assertThat(found("a-16").family().depth()).isEqualTo(16);
    assertThat(tryRegister(childOf("a-16", "a-17", Parent.OnEnd.KILL)))
        .isEqualTo(new RegisterResult.TreeTooDeep());
    assertThat(store().agents().find("a-17")).isEmpty();
    child("sibling", "a-15");
    assertThat(tree("a-0")).hasSize(18);
  }

  @Test
  default void existingIdIsReportedBeforeTheParent() {
    register("a-1");
    assertThat(tryRegister(childOf("a-0", "a-1", Parent.OnEnd.KILL)))
        .isEqualTo(new RegisterResult.AlreadyExists());
    store().admission().set(new Admission(false, 0));
    assertThat(tryRegister(childOf("a-0", "a-2", Parent.OnEnd.KILL)))
        .isEqualTo(new RegisterResult.ParentNotActive());
    assertThat(tryRegister(childOf("a-1", "a-2", Parent.OnEnd.KILL)))
        .isEqualTo(new RegisterResult.AdmissionClosed());
    assertThat(children("a-1")).isEmpty();
  }

  @Test
  default void replaysReturnTheFamilyAlsoAfterThePurge() {
    use(BRIEF);
    IdempotencyKey key = new IdempotencyKey("register", "content", "text");
    IdempotencyKey ofMove = new IdempotencyKey("move", "content", "text");
    register("root");
    child("parent", "root");
    Registration request =
        new Registration(
            "child",
            "task-1",
            Map.of(),
            null,
            null,
            null,
            new Timeouts(Duration.ofHours(1), Duration.ofHours(2)),
            new Parent("parent", Parent.OnEnd.KILL));
    CommittedTransition first =
        ((RegisterResult.Registered) store().agents().register(request, key)).transition();
    RegisterResult replay = new RegisterResult.Registered(first, true);
    assertThat(store().agents().register(request, key)).isEqualTo(replay);
    TransitionRequest running = move(AgentStatus.RUNNING);
    List<AgentStatus> sources = AgentStatus.RUNNING.sources();
    CommittedTransition started =
        ((TransitionResult.Applied) store().agents().move("child", running, sources, ofMove))
            .transition();
    moved("parent", AgentStatus.FAILED);
    assertThat(ids(killDependents())).containsExactly("child");
    assertThat(store().agents().register(request, key))
        .as("the parent is final now")
        .isEqualTo(replay);
    assertThat(store().agents().move("child", running, sources, ofMove))
        .isEqualTo(new TransitionResult.Applied(started, true));
    purgeAll(2);
    assertThat(store().agents().register(request, key)).isEqualTo(replay);
    assertThat(store().agents().move("child", running, sources, ofMove))
        .isEqualTo(new TransitionResult.Applied(started, true));
    assertThat(store().agents().find("child")).isEmpty();
  }

  @Test
  default void batchRegistersParentsAndChildren() {
    StorePipeline pipeline = store().batches().pipeline();
    Supplier<RegisterResult> early =
        pipeline.register(childOf("root", "child", Parent.OnEnd.CONTINUE), null);
    pipeline.register(registration("root", "task-1"), null);
    Supplier<RegisterResult> child =
        pipeline.register(childOf("root", "child", Parent.OnEnd.KILL), null);
    pipeline.move("root", move(AgentStatus.KILLED), AgentStatus.KILLED.sources(), null);
    Supplier<RegisterResult> late =
        pipeline.register(childOf("root", "late", Parent.OnEnd.KILL), null);
    pipeline.execute();
    assertThat(early.get()).isEqualTo(new RegisterResult.ParentNotActive());
    assertThat(((RegisterResult.Registered) child.get()).transition().agent())
        .isEqualTo(found("child"));
    assertThat(found("child").family()).isEqualTo(new Family("root", "root", 1));
    assertThat(late.get()).isEqualTo(new RegisterResult.ParentNotActive());
    assertThat(ids(killDependents())).containsExactly("child");
  }

  // Lists -----------------------------------------------------------------------------------------

  /** Registers root ← (a ← (a-1, a-2), b), and an agent without family. */
  private void family() {
    register("root");
    child("a", "root");
    child("b", "root");
    child("a-1", "a");
    register("other");
    child("a-2", "a");
  }

  @Test
  default void childrenAndTreesAreListed() {
    family();
    assertThat(children("root")).containsExactly("b", "a");
    assertThat(children("a")).containsExactly("a-2", "a-1");
    assertThat(children("b")).isEmpty();
    assertThat(children("unknown")).isEmpty();
    assertThat(tree("root")).containsExactly("a-2", "a-1", "b", "a", "root");
    assertThat(tree("a")).as("the root of a is another agent").isEmpty();
    assertThat(tree("b")).isEmpty();
    assertThat(tree("unknown")).isEmpty();
    assertThat(tree("other")).as("a root without children").containsExactly("other");
    moved("a-1", AgentStatus.KILLED);
    assertThat(tree("root")).as("final agents stay").hasSize(5);
  }

  @Test
  default void filtersByFamilyCombineWithOtherFilters() {
    family();
    moved("a-1", AgentStatus.RUNNING);
    moved("other", AgentStatus.RUNNING);
    SupervisionFilter below = new SupervisionFilter("a", "root", Set.of(), null);
    assertThat(listedIds(supervised(below))).containsExactly("a-2", "a-1");
    assertThat(listedIds(supervised(new SupervisionFilter("a", "other", Set.of(), null))))
        .isEmpty();
    SupervisionFilter root = new SupervisionFilter(null, "root", Set.of(), null);
    SupervisionFilter single = new SupervisionFilter(null, "other", Set.of(), Duration.ZERO);
    assertThat(listedIds(query(root, 10, AgentQuery.NEWEST, AgentStatus.RUNNING)))
        .containsExactly("a-1");
    assertThat(listedIds(supervised(single))).containsExactly("other");
    assertThat(listedIds(query(single, 10, AgentQuery.NEWEST, AgentStatus.KILLED))).isEmpty();
    assertThat(listedIds(query(single, 10, found("other").sequence()))).isEmpty();
    assertThat(listedIds(query(root, 2, found("a-2").sequence()))).containsExactly("a-1", "b");
    assertThat(listedIds(query(root, 2, found("b").sequence()))).containsExactly("a", "root");
  }

  private static AgentQuery query(
      SupervisionFilter filter, int limit, long before, AgentStatus... statuses) {
    return new AgentQuery(Set.of(statuses), null, Map.of(), null, filter, limit, before);
  }

  @Test
  default void purgedAgentsAreNotListed() {
    use(BRIEF);
    family();
    moved("root", AgentStatus.FAILED);
    moved("a-1", AgentStatus.FAILED);
    purgeAll(2);
    assertThat(children("root")).containsExactly("b", "a");
    assertThat(children("a")).containsExactly("a-2");
    assertThat(tree("root")).containsExactly("a-2", "b", "a");
    assertThat(child("b-1", "b").agent().family()).isEqualTo(new Family("b", "root", 2));
    assertThat(tree("root")).containsExactly("b-1", "a-2", "b", "a");
  }

  /** A client may use the id of a purged root again while its descendants are still active. */
  @Test
  default void newAgentWithTheIdOfAPurgedRootIsInItsTree() {
    use(BRIEF);
    family();
    moved("root", AgentStatus.FAILED);
    purgeAll(1);
    register("root");
    assertThat(tree("root")).containsExactly("root", "a-2", "a-1", "b", "a");
    start("k-1", tree("root", null, Map.of(), false));
    assertThat(ids(runToCompletion("k-1", 2))).containsExactly("a", "b", "a-1", "a-2", "root");
  }

  // Dependents ------------------------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource(
      value = AgentStatus.class,
      names = {"COMPLETED", "FAILED", "KILLED"})
  default void endOfTheParentKillsItsDependents(AgentStatus last) {
    running("a-1");
    dependent("child", "a-1");
    moved("child", AgentStatus.RUNNING);
    child("continues", "a-1");
    assertThat(killDependents()).as("the parent is active").isEmpty();
    moved("a-1", last);
    List<CommittedTransition> killed = killDependents();
    assertThat(killed).hasSize(1);
    String reason = "parent a-1 " + last.wireName();
    TransitionEvent event = killed.get(0).event();
    assertThat(event)
        .isEqualTo(
            new TransitionEvent(
                event.id(),
                "child",
                "task-1",
                event.timestamp(),
                3,
                AgentStatus.RUNNING,
                AgentStatus.KILLED,
                null,
                reason,
                "parent",
                null));
    assertThat(store().events()).last().isEqualTo(event);
    assertThat(found("child")).isEqualTo(killed.get(0).agent());
    Transition step =
        new Transition(
            3,
            AgentStatus.RUNNING,
            AgentStatus.KILLED,
            event.timestamp(),
            "parent",
            reason,
            null,
            event.id());
    assertThat(store().agents().history("child").orElseThrow()).last().isEqualTo(step);
    assertThat(session("child").cleanupAt()).isNotNull();
    assertThat(status("continues")).isEqualTo(AgentStatus.SPAWNING);
    assertThat(killDependents()).isEmpty();
  }

  @Test
  default void everyEndOfAParentKillsItsDependents() {
    store().sessions().expireLeases(10, StoreSettings.NEVER);
    register("deadline", Duration.ofMillis(1), null);
    dependent("of-deadline", "deadline");
    register("stop");
    dependent("of-stop", "stop");
    desire("stop", Desired.Mode.STOPPED, Duration.ZERO);
    register(new Registration("lease", "task-1", Map.of(), null, null, Duration.ofMillis(1)));
    dependent("of-lease", "lease");
    register("kill");
    dependent("of-kill", "kill");
    awaitAfter(session("lease").leaseExpiresAt());
    assertThat(expireDeadlines()).hasSize(2);
    assertThat(store().sessions().expireLeases(10, StoreSettings.NEVER).results()).hasSize(1);
    start("k-1", tree("kill", AgentStatus.SPAWNING, Map.of(), false));
    store().kills().step("k-1", 1, AgentStatus.KILLED.sources());
    assertThat(killDependents())
        .extracting(change -> change.event().reason())
        .containsExactlyInAnyOrder(
            "parent deadline failed",
            "parent stop killed",
            "parent lease failed",
            "parent kill killed");
  }

  @Test
  default void dependentsOfDependentsAreKilledInTurn() {
    register("a-0");
    for (int i = 1; i <= 5; i++) {
      dependent("a-" + i, "a-" + (i - 1));
      child("c-" + i, "a-" + i);
    }
    moved("a-0", AgentStatus.FAILED);
    List<CommittedTransition> killed = killDependents();
    assertThat(ids(killed)).containsExactly("a-1", "a-2", "a-3", "a-4", "a-5");
    assertThat(killed)
        .extracting(change -> change.event().reason())
        .containsExactly(
            "parent a-0 failed",
            "parent a-1 killed",
            "parent a-2 killed",
            "parent a-3 killed",
            "parent a-4 killed");
    assertThat(IntStream.rangeClosed(1, 5).mapToObj(i -> status("c-" + i)))
        .containsOnly(AgentStatus.SPAWNING);
  }

  @Test
  default void dependentsAreKilledInBoundedStepsByAnyServer() {
    register("a-1");
    for (int i = 0; i < 25; i++) {
      dependent("d-" + i, "a-1");
    }
    moved("d-3", AgentStatus.KILLED);
    moved("a-1", AgentStatus.FAILED);
    List<String> killed = new ArrayList<>();
    boolean more = true;
    while (more) {
      try (StoreUnderTest other = store().anotherServer()) {
        SweepResult<CommittedTransition> step = other.supervision().killDependents(10);
        assertThat(step.results()).hasSizeLessThanOrEqualTo(10);
        killed.addAll(ids(step.results()));
        more = step.scanned() == 10;
      }
    }
    assertThat(killed).hasSize(24).doesNotHaveDuplicates().doesNotContain("d-3");
    assertEachEndedOnce(26);
  }

  @Test
  default void concurrentStepsKillEachDependentOnce() throws Exception {
    int families = 10;
    for (int i = 0; i < families; i++) {
      register("p-" + i);
      for (int j = 0; j < 5; j++) {
        dependent("d-" + i + "-" + j, "p-" + i);
        dependent("e-" + i + "-" + j, "d-" + i + "-" + j);
      }
      moved("p-" + i, AgentStatus.KILLED);
    }
    List<List<String>> killed =
        concurrently(
            4,
            (server, caller) -> {
              List<String> own = new ArrayList<>();
              SweepResult<CommittedTransition> step;
              do {
                step = server.supervision().killDependents(3);
                own.addAll(ids(step.results()));
                server
                    .agents()
                    .move(
                        "d-" + own.size() % families + "-" + caller,
                        move(AgentStatus.FAILED),
                        AgentStatus.FAILED.sources(),
                        null);
              } while (step.scanned() > 0);
              return own;
            });
    killDependents();
    assertThat(killed.stream().flatMap(List::stream)).doesNotHaveDuplicates();
    assertEachEndedOnce(families * 11);
    assertThat(store().agents().stats().spawning()).isZero();
  }

  /** The purge may be faster than the kill of the dependents, and must not lose them. */
  @Test
  default void dependentsOfAPurgedParentAreKilled() {
    use(BRIEF);
    register("a-1");
    dependent("child", "a-1");
    moved("a-1", AgentStatus.FAILED);
    purgeAll(1);
    assertThat(killDependents())
        .singleElement()
        .satisfies(
            killed -> {
              assertThat(killed.agent()).isEqualTo(found("child"));
              assertThat(killed.event().reason()).isEqualTo("parent a-1 ended");
            });
  }

  @Test
  default void dependentsOfAPurgedParentDoNotBelongToTheNextWithItsId() {
    use(BRIEF);
    register("a-1");
    dependent("old", "a-1");
    moved("a-1", AgentStatus.FAILED);
    purgeAll(1);
    register("a-1");
    dependent("new", "a-1");
    assertThat(ids(killDependents())).containsExactly("old");
    assertThat(status("new")).isEqualTo(AgentStatus.SPAWNING);
    assertThat(status("a-1")).isEqualTo(AgentStatus.SPAWNING);
    moved("a-1", AgentStatus.KILLED);
    assertThat(killDependents())
        .singleElement()
        .satisfies(
            killed -> {
              assertThat(killed.agent().agentId()).isEqualTo("new");
              assertThat(killed.event().reason()).isEqualTo("parent a-1 killed");
            });
  }

  /** Another agent may have the id of a dependent that was purged. */
  @Test
  default void newAgentWithTheIdOfADependentIsNotKilled() {
    use(BRIEF);
    register("a-1");
    dependent("child", "a-1");
    moved("child", AgentStatus.FAILED);
    purgeAll(1);
    register("child");
    moved("a-1", AgentStatus.FAILED);
    assertThat(killDependents()).isEmpty();
    assertThat(status("child")).isEqualTo(AgentStatus.SPAWNING);
  }

  @Test
  default void purgedFamilyLeavesNothing() {
    assertLeavesNothing(
        10,
        () -> {
          family();
          dependent("d-1", "a");
          dependent("d-2", "d-1");
          dependent("d-3", "b");
          dependent("d-4", "other");
          moved("d-4", AgentStatus.FAILED);
          for (String id : List.of("root", "a", "b", "a-1", "a-2", "other")) {
            moved(id, AgentStatus.KILLED);
          }
          assertThat(killDependents()).hasSize(3);
        });
  }

  /** A parent may run much longer than its children. */
  @Test
  default void purgedChildrenOfAnActiveParentLeaveNothing() {
    use(BRIEF);
    register("parent");
    child("continues", "parent");
    moved("continues", AgentStatus.FAILED);
    purgeAll(1);
    long size = store().size();
    dependent("dependent", "parent");
    child("other", "parent");
    moved("dependent", AgentStatus.FAILED);
    moved("other", AgentStatus.FAILED);
    purgeAll(2);
    assertThat(store().size()).as("number of records").isEqualTo(size);
    assertThat(children("parent")).isEmpty();
    assertThat(tree("parent")).containsExactly("parent");
  }

  // Kills of trees --------------------------------------------------------------------------------

  private static KillRequest tree(
      String top, AgentStatus status, Map<String, String> labels, boolean dryRun) {
    return new KillRequest(null, status, labels, top, null, "enough", dryRun);
  }

  private void start(String killId, KillRequest request) {
    assertThat(store().kills().start(killId, request, null))
        .isEqualTo(new StartKillResult.Started(killId));
  }

  private List<CommittedTransition> runToCompletion(String killId, int limit) {
    List<CommittedTransition> killed = new ArrayList<>();
    KillStep step;
    do {
      step = store().kills().step(killId, limit, AgentStatus.KILLED.sources());
      killed.addAll(step.killed());
    } while (!step.done());
    return killed;
  }

  private void assertKill(String killId, long matched, long killed, long alreadyFinished) {
    Kill kill = store().kills().findKill(killId).orElseThrow();
    assertThat(kill)
        .isEqualTo(
            new Kill(
                killId,
                false,
                kill.dryRun(),
                matched,
                killed,
                alreadyFinished,
                kill.startedAt(),
                kill.finishedAt(),
                null));
    assertThat(store().kills().runningKills()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 100})
  default void killOfATreeReachesAncestorsFirst(int limit) {
    family();
    start("k-1", tree("root", null, Map.of(), false));
    List<CommittedTransition> killed = runToCompletion("k-1", limit);
    assertThat(ids(killed)).containsExactly("root", "a", "b", "a-1", "a-2");
    assertThat(killed)
        .allSatisfy(
            change -> {
              assertThat(change.event().killId()).isEqualTo("k-1");
              assertThat(change.event().reason()).isEqualTo("enough");
              assertThat(change.event().actor()).isNull();
            });
    assertThat(status("other")).isEqualTo(AgentStatus.SPAWNING);
    assertKill("k-1", 5, 5, 0);
  }

  @Test
  default void killOfASubtreeSparesItsAncestors() {
    family();
    start("k-1", tree("a", null, Map.of(), false));
    assertThat(ids(runToCompletion("k-1", 2))).containsExactly("a", "a-1", "a-2");
    assertThat(Stream.of("root", "b", "other").map(this::status))
        .containsOnly(AgentStatus.SPAWNING);
    assertKill("k-1", 3, 3, 0);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 10})
  default void killOfATreeWithoutDescendantsKillsItsTop(int limit) {
    family();
    start("k-1", tree("other", null, Map.of(), false));
    assertThat(ids(runToCompletion("k-1", limit))).containsExactly("other");
    assertKill("k-1", 1, 1, 0);
    start("k-2", tree("a-2", null, Map.of(), false));
    assertThat(ids(runToCompletion("k-2", limit))).containsExactly("a-2");
    assertKill("k-2", 1, 1, 0);
    start("k-3", tree("unknown", null, Map.of(), false));
    assertThat(runToCompletion("k-3", limit)).isEmpty();
    assertKill("k-3", 0, 0, 0);
  }

  @Test
  default void killOfATreeIncludesAgentsOfALaterTime() {
    family();
    start("k-1", tree("root", null, Map.of(), false));
    child("b-1", "b");
    List<String> killed =
        new ArrayList<>(ids(store().kills().step("k-1", 2, ALL_STATUSES.subList(0, 2)).killed()));
    assertThat(killed).containsExactly("root", "a");
    child("a-1-1", "a-1");
    child("b-2", "b");
    assertThat(tryRegister(childOf("root", "late", Parent.OnEnd.CONTINUE)))
        .as("a child of an agent that the kill has reached")
        .isEqualTo(new RegisterResult.ParentNotActive());
    killed.addAll(ids(runToCompletion("k-1", 2)));
    assertThat(killed).containsExactly("root", "a", "b", "a-1", "a-2", "b-1", "a-1-1", "b-2");
    assertKill("k-1", 8, 8, 0);
  }

  @Test
  default void topWithoutDescendantsMayGetThemDuringTheKill() {
    register("top");
    start("k-1", tree("top", null, Map.of(), false));
    child("child", "top");
    assertThat(ids(runToCompletion("k-1", 1))).containsExactly("top", "child");
    assertKill("k-1", 2, 2, 0);
  }

  @Test
  default void agentThatEndsBeforeTheKillOfItsTreeIsCountedAsFinished() {
    family();
    moved("a-1", AgentStatus.FAILED);
    start("k-1", tree("root", null, Map.of(), false));
    moved("a-2", AgentStatus.KILLED);
    moved("other", AgentStatus.KILLED);
    store().kills().step("k-1", 1, AgentStatus.KILLED.sources());
    child("late", "b");
    moved("late", AgentStatus.FAILED);
    moved("b", AgentStatus.FAILED);
    assertThat(ids(runToCompletion("k-1", 1))).containsExactly("a");
    assertKill("k-1", 4, 2, 2);
  }

  @Test
  default void dryRunOfATreeCountsAndChangesNothing() {
    family();
    moved("a", AgentStatus.RUNNING);
    moved("a-1", AgentStatus.FAILED);
    int events = store().events().size();
    start("k-1", tree("root", null, Map.of(), true));
    assertThat(runToCompletion("k-1", 2)).isEmpty();
    assertKill("k-1", 4, 0, 0);
    start("k-2", tree("root", AgentStatus.RUNNING, Map.of(), true));
    runToCompletion("k-2", 2);
    assertKill("k-2", 1, 0, 0);
    assertThat(store().events()).hasSize(events);
  }

  @Test
  default void killOfATreeCombinesWithOtherCriteria() {
    register(registration("root", "task-2"));
    for (int i = 0; i < 8; i++) {
      register(
          new Registration(
              "a-" + i,
              "task-" + i % 2,
              Map.of("team", "t-" + i % 4),
              null,
              null,
              null,
              Timeouts.NONE,
              new Parent("root", Parent.OnEnd.CONTINUE)));
      moveTo("a-" + i, i < 6 ? AgentStatus.RUNNING : AgentStatus.SPAWNING);
    }
    register(registration("other", "task-1", "team", "t-1"));
    start("k-1", tree("root", AgentStatus.RUNNING, Map.of("team", "t-1"), false));
    assertThat(ids(runToCompletion("k-1", 3))).containsExactly("a-1", "a-5");
    assertKill("k-1", 2, 2, 0);
    start("k-2", new KillRequest("task-1", null, Map.of(), "root", null, null, false));
    assertThat(ids(runToCompletion("k-2", 100))).containsExactly("a-3", "a-7");
    assertKill("k-2", 2, 2, 0);
    start("k-3", tree("root", AgentStatus.SPAWNING, Map.of(), false));
    assertThat(ids(runToCompletion("k-3", 100))).containsExactly("root", "a-6");
    assertThat(status("other")).isEqualTo(AgentStatus.SPAWNING);
  }

  /** As for every kill, later changes of an agent have no effect on the selection. */
  @Test
  default void killOfATreeMatchesTheStatusAtItsStart() {
    family();
    moved("root", AgentStatus.RUNNING);
    moved("b", AgentStatus.RUNNING);
    start("of-running", tree("root", AgentStatus.RUNNING, Map.of(), false));
    start("of-spawning", tree("root", AgentStatus.SPAWNING, Map.of(), false));
    moved("a", AgentStatus.RUNNING);
    moved("a-1", AgentStatus.RUNNING);
    child("b-1", "b");
    child("b-2", "b");
    moved("b-1", AgentStatus.RUNNING);
    assertThat(ids(runToCompletion("of-running", 2))).containsExactly("root", "b", "b-1");
    assertThat(ids(runToCompletion("of-spawning", 2))).containsExactly("a", "a-1", "a-2", "b-2");
    assertKill("of-running", 3, 3, 0);
    assertKill("of-spawning", 4, 4, 0);
  }

  @Test
  default void dependentsBelowAKilledTreeEndOnce() {
    register("root");
    dependent("a", "root");
    dependent("b", "a");
    start("k-1", tree("root", null, Map.of(), false));
    store().kills().step("k-1", 1, AgentStatus.KILLED.sources());
    assertThat(ids(killDependents())).containsExactly("a", "b");
    assertThat(runToCompletion("k-1", 1)).isEmpty();
    assertKill("k-1", 3, 1, 2);
    assertEachEndedOnce(3);
  }

  @Test
  default void concurrentKillsOfATreeAndTransitionsEndEachAgentOnce() throws Exception {
    register("root");
    int agents = 80;
    for (int i = 0; i < agents; i++) {
      child("a-" + i, i < 8 ? "root" : "a-" + i / 8);
    }
    start("k-1", tree("root", null, Map.of(), false));
    concurrently(
        4,
        (server, caller) -> {
          if (caller < 2) {
            while (!server.kills().step("k-1", 3, AgentStatus.KILLED.sources()).done()) {
              // the next step
            }
          } else {
            for (int i = caller; i < agents; i += 5) {
              server
                  .agents()
                  .move("a-" + i, move(AgentStatus.FAILED), AgentStatus.FAILED.sources(), null);
            }
          }
          return null;
        });
    assertEachEndedOnce(agents + 1);
    Kill kill = store().kills().findKill("k-1").orElseThrow();
    assertThat(kill.matched()).isEqualTo(agents + 1);
    assertThat(kill.killed() + kill.alreadyFinished()).isEqualTo(agents + 1);
    assertThat(kill.killed())
        .isEqualTo(transitionEvents().stream().filter(e -> "k-1".equals(e.killId())).count());
  }

  @Test
  default void purgedKillOfATreeLeavesNothing() {
    assertLeavesNothing(
        6,
        () -> {
          family();
          start("k-1", tree("root", null, Map.of(), false));
          runToCompletion("k-1", 2);
          start("k-2", tree("other", null, Map.of(), false));
          runToCompletion("k-2", 2);
        });
  }
}
