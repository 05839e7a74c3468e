package org.agentlifecycle.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentQuery;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.AgentVersion;
import org.agentlifecycle.agent.CommittedTransition;
import org.agentlifecycle.agent.Desired;
import org.agentlifecycle.agent.Parent;
import org.agentlifecycle.agent.RegisterResult;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.Stats;
import org.agentlifecycle.agent.SupervisionFilter;
import org.agentlifecycle.agent.Timeouts;
import org.agentlifecycle.agent.TransitionEvent;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.agent.TransitionResult;
import org.agentlifecycle.session.Session;
import org.agentlifecycle.session.SweepResult;
import org.agentlifecycle.supervision.DesiredRequest;
import org.agentlifecycle.supervision.DesiredResult;
import org.awaitility.Awaitility;

/** Store under test and helper methods of all contracts. */
interface StoreContractSupport {

  /** Characters that need escaping in JSON, Lua, indexes or protocols. */
  String NASTY =
      "\"quoted\" back\\slash \\/ / </a> tab\t\r\nline \u0000\u0001\u001f\u007f\u0085\u2028 %s %d"
          + " {x} ü 語 \ud83d\ude80 -inf ' : , null";

  List<AgentStatus> ALL_STATUSES = List.of(AgentStatus.values());

  List<AgentStatus> FINAL_STATUSES = ALL_STATUSES.stream().filter(AgentStatus::isFinal).toList();

  StoreSettings DUE_IMMEDIATELY = StoreSettings.QUIET.cleanupAfter(Duration.ZERO);

  /** Returns the store of this test. */
  StoreUnderTest store();

  /** Replaces the store by another, empty store. */
  void use(StoreSettings settings);

  default Registration registration(String agentId, String taskId, String... labels) {
    Map<String, String> map = new HashMap<>();
    for (int i = 0; i < labels.length; i += 2) {
      map.put(labels[i], labels[i + 1]);
    }
    return new Registration(agentId, taskId, map, null, null, null);
  }

  default CommittedTransition register(String agentId) {
    return register(registration(agentId, "task-1"));
  }

  default CommittedTransition register(Registration registration) {
    return ((RegisterResult.Registered) tryRegister(registration)).transition();
  }

  default RegisterResult tryRegister(Registration registration) {
    return store().agents().register(registration, null);
  }

  default TransitionRequest move(AgentStatus to) {
    return to == AgentStatus.FAILED
        ? TransitionRequest.failed("exit code 1")
        : TransitionRequest.to(to);
  }

  default TransitionResult tryMove(String agentId, TransitionRequest move) {
    return store().agents().move(agentId, move, move.to().sources(), null);
  }

  default CommittedTransition moved(String agentId, TransitionRequest move) {
    return ((TransitionResult.Applied) tryMove(agentId, move)).transition();
  }

  default CommittedTransition moved(String agentId, AgentStatus to) {
    return moved(agentId, move(to));
  }

  /** Returns versions of the agent that has this id now. */
  default Set<AgentVersion> versions(String agentId, long... versions) {
    Agent agent = found(agentId);
    return LongStream.of(versions)
        .mapToObj(v -> new AgentVersion(agent.sequence(), agent.spawnedAt().toEpochMilli(), v))
        .collect(Collectors.toSet());
  }

  default Agent found(String agentId) {
    return store().agents().find(agentId).orElseThrow();
  }

  /** Returns the ids of the agents on a page. */
  default List<String> listedIds(AgentQuery query) {
    return store().agents().list(query).items().stream().map(Agent::agentId).toList();
  }

  default Session session(String agentId) {
    return store().sessions().findSession(agentId).session().orElseThrow();
  }

  /** Moves an agent to a status by legal transitions. */
  default void moveTo(String agentId, AgentStatus to) {
    if (to == AgentStatus.RUNNING || to == AgentStatus.COMPLETED) {
      moved(agentId, AgentStatus.RUNNING);
    }
    if (to.isFinal()) {
      moved(agentId, to);
    }
  }

  /** Waits until the clock of the store is after a time. */
  default void awaitAfter(Instant time) {
    while (!store().now().isAfter(time)) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  /** Runs concurrent calls, half of them on each of two servers, and returns their results. */
  default <T> List<T> concurrently(int callers, Caller<T> caller) throws Exception {
    CyclicBarrier start = new CyclicBarrier(callers);
    ExecutorService pool = Executors.newFixedThreadPool(callers);
    try (StoreUnderTest other = store().anotherServer()) {
      IntFunction<Callable<T>> call =
          i ->
              () -> {
                start.await();
                return caller.call(i % 2 == 0 ? store() : other, i);
              };
      Collection<Callable<T>> calls = IntStream.range(0, callers).mapToObj(call).toList();
      List<T> results = new ArrayList<>();
      for (Future<T> future : pool.invokeAll(calls)) {
        results.add(future.get());
      }
      return results;
    } finally {
      pool.shutdown();
    }
  }

  /** Call of one of several concurrent callers. */
  interface Caller<T> {
    T call(StoreUnderTest server, int caller) throws Exception;
  }

  /** Registers an agent with timeouts. */
  default CommittedTransition register(String agentId, Duration start, Duration run) {
    return register(timed(agentId, start, run));
  }

  /** Returns a registration with timeouts; null: none. */
  default Registration timed(String agentId, Duration start, Duration run) {
    Timeouts timeouts = new Timeouts(start, run);
    return new Registration(agentId, "task-1", Map.of(), null, null, null, timeouts, null);
  }

  /** Registers a child that continues when its parent ends. */
  default CommittedTransition child(String agentId, String parentId) {
    return register(childOf(parentId, agentId, Parent.OnEnd.CONTINUE));
  }

  default Registration childOf(String parentId, String agentId, Parent.OnEnd onEnd) {
    Parent parent = new Parent(parentId, onEnd);
    return new Registration(agentId, "task-1", Map.of(), null, null, null, Timeouts.NONE, parent);
  }

  /** Registers an agent and moves it to running. */
  default Agent running(String agentId) {
    register(agentId);
    return moved(agentId, AgentStatus.RUNNING).agent();
  }

  /** Ends the agents that are past a deadline. */
  default List<CommittedTransition> expireDeadlines() {
    SweepResult<CommittedTransition> step = store().supervision().expireDeadlines(1000);
    assertThat(step.damaged()).isEmpty();
    return step.results();
  }

  /** Kills the dependents of ended parents, and theirs in turn. */
  default List<CommittedTransition> killDependents() {
    List<CommittedTransition> killed = new ArrayList<>();
    SweepResult<CommittedTransition> step;
    do {
      step = store().supervision().killDependents(100);
      assertThat(step.damaged()).isEmpty();
      killed.addAll(step.results());
    } while (step.scanned() == 100);
    return killed;
  }

  default DesiredResult.Accepted desire(String agentId, Desired.Mode mode, Duration grace) {
    return desire(agentId, new DesiredRequest(mode, grace, null));
  }

  default DesiredResult.Accepted desire(String agentId, DesiredRequest request) {
    return (DesiredResult.Accepted) store().supervision().setDesired(agentId, request, null);
  }

  default List<String> ids(List<CommittedTransition> changes) {
    return changes.stream().map(change -> change.agent().agentId()).toList();
  }

  /** Returns a query with filters of the supervision only. */
  default AgentQuery supervised(SupervisionFilter filter) {
    return new AgentQuery(Set.of(), null, Map.of(), null, filter, 1000, AgentQuery.NEWEST);
  }

  /** Fails if agents have several final events, or none. */
  default void assertEachEndedOnce(int agents) {
    assertThat(transitionEvents())
        .filteredOn(event -> event.to().isFinal())
        .extracting(TransitionEvent::agentId)
        .hasSize(agents)
        .doesNotHaveDuplicates();
  }

  /** Purges all final agents, whose retention is short. */
  default void purgeAll(int agents) {
    int[] purged = {0};
    Awaitility.await()
        .pollInterval(Duration.ofMillis(2))
        .until(() -> (purged[0] += store().sessions().purge(1000).scanned()) == agents);
  }

  /** Fails if agents that were purged leave something in the store. */
  default void assertLeavesNothing(int agents, Runnable life) {
    use(StoreSettings.QUIET.keepingFinals(Duration.ofMillis(1)));
    register("first");
    moved("first", AgentStatus.KILLED);
    purgeAll(1);
    long size = store().size();
    life.run();
    purgeAll(agents);
    Awaitility.await()
        .pollInterval(Duration.ofMillis(2))
        .untilAsserted(
            () -> {
              store().kills().findKill("none");
              assertThat(store().size()).as("number of records").isEqualTo(size);
            });
    assertThat(store().agents().stats()).isEqualTo(new Stats(0, 0, 0, 0, 0, 0, 0, 0));
    assertThat(expireDeadlines()).isEmpty();
    assertThat(killDependents()).isEmpty();
  }

  /** Returns the events of transitions, in the order of the feed. */
  default List<TransitionEvent> transitionEvents() {
    return store().events().stream()
        .filter(TransitionEvent.class::isInstance)
        .map(TransitionEvent.class::cast)
        .toList();
  }
}
