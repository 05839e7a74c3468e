package org.agentlifecycle.contract;

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
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.AgentVersion;
import org.agentlifecycle.agent.CommittedTransition;
import org.agentlifecycle.agent.RegisterResult;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.TransitionEvent;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.agent.TransitionResult;
import org.agentlifecycle.session.Session;

/** The store that a part of the contract is held against, and what all parts do with it. */
interface StoreContractSupport {

  /** What JSON, Lua, indexes and protocols may stumble over. */
  String NASTY =
      "\"quoted\" back\\slash \\/ / </a> tab\t\r\nline \u0000\u0001\u001f\u007f\u0085\u2028 %s %d"
          + " {x} ü 語 \ud83d\ude80 -inf ' : , null";

  /** The store of this test. */
  StoreUnderTest store();

  /** Goes on with another, empty store. */
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

  /** Those versions of the current life of that agent. */
  default Set<AgentVersion> versions(String agentId, long... versions) {
    Agent agent = found(agentId);
    return LongStream.of(versions)
        .mapToObj(v -> new AgentVersion(agent.sequence(), agent.spawnedAt().toEpochMilli(), v))
        .collect(Collectors.toSet());
  }

  default Agent found(String agentId) {
    return store().agents().find(agentId).orElseThrow();
  }

  default Session session(String agentId) {
    return store().sessions().findSession(agentId).session().orElseThrow();
  }

  /** Brings an agent there by legal moves. */
  default void moveTo(String agentId, AgentStatus to) {
    if (to == AgentStatus.RUNNING || to == AgentStatus.COMPLETED) {
      moved(agentId, AgentStatus.RUNNING);
    }
    if (to.isFinal()) {
      moved(agentId, to);
    }
  }

  /** Waits until that time is over at the store. */
  default void awaitAfter(Instant time) {
    while (!store().now().isAfter(time)) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  /** What that many callers heard who all called at the same time, half of them each server. */
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
      List<T> heard = new ArrayList<>();
      for (Future<T> one : pool.invokeAll(calls)) {
        heard.add(one.get());
      }
      return heard;
    } finally {
      pool.shutdown();
    }
  }

  /** One of many callers. */
  interface Caller<T> {
    T call(StoreUnderTest server, int caller) throws Exception;
  }

  /** Returns the events of transitions, in the order of the feed. */
  default List<TransitionEvent> transitionEvents() {
    return store().events().stream()
        .filter(TransitionEvent.class::isInstance)
        .map(TransitionEvent.class::cast)
        .toList();
  }
}
