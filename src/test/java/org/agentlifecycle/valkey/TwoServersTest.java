package org.agentlifecycle.valkey;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentEventPublisher;
import org.agentlifecycle.agent.AgentLifecycle;
import org.agentlifecycle.agent.AgentSettings;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.agent.LifecycleException.Reason;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.TransitionEvent;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.contract.StoreSettings;
import org.agentlifecycle.harness.TestStore;
import org.agentlifecycle.memory.LogCapture;
import org.agentlifecycle.memory.RecordedEvents;
import org.agentlifecycle.session.EndSessionResult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two servers on one store, and twelve callers that use the same agents concurrently. */
@Timeout(120)
class TwoServersTest {
  private static final int AGENTS = 300;
  private static final int CALLERS = 12;

  /** One server: separate locks, connections and observers. */
  private static final class Server {
    private final RecordedEvents events = new RecordedEvents();
    private final ValkeyUnderTest store;
    private final AgentLifecycle lifecycle;

    Server(ValkeyUnderTest store) {
      this.store = store;
      lifecycle =
          new AgentLifecycle(
              store.agents(),
              new AgentEventPublisher(events),
              new AgentSettings(Duration.ofSeconds(30), StoreSettings.NEVER, StoreSettings.NEVER));
    }
  }

  /** Result of one caller for one agent. */
  private record Attempt(String agentId, Agent won, LifecycleException lost) {
    boolean isUnknown() {
      return lost != null && lost.reason() == Reason.OUTCOME_UNKNOWN;
    }
  }

  private final LogCapture quiet = new LogCapture(AgentEventPublisher.class);
  private List<Server> servers;

  @BeforeEach
  void twoServers() {
    ValkeyUnderTest first = ValkeyUnderTest.on(TestStore.uri(), Duration.ZERO);
    servers = List.of(new Server(first), new Server(first.anotherServer()));
  }

  @AfterEach
  void close() {
    servers.forEach(server -> server.store.close());
    quiet.close();
  }

  private static String id(int agent) {
    return "a-" + agent;
  }

  /** Call of one caller for one agent. */
  private interface Call {
    void make(Server server, int caller, int agent);
  }

  /** Runs the call for every caller and agent concurrently, half of the callers on each server. */
  private void everyCaller(Call call) throws Exception {
    CyclicBarrier start = new CyclicBarrier(CALLERS);
    ExecutorService pool = Executors.newFixedThreadPool(CALLERS);
    try {
      List<Callable<Void>> callers =
          IntStream.range(0, CALLERS)
              .<Callable<Void>>mapToObj(
                  caller ->
                      () -> {
                        start.await();
                        for (int agent = 0; agent < AGENTS; agent++) {
                          call.make(servers.get(caller % servers.size()), caller, agent);
                        }
                        return null;
                      })
              .toList();
      for (Future<Void> done : pool.invokeAll(callers)) {
        done.get();
      }
    } finally {
      pool.shutdown();
    }
  }

  private static Attempt attempt(String agentId, Supplier<Agent> call) {
    try {
      return new Attempt(agentId, retryWhileUnavailable(call), null);
    } catch (LifecycleException lost) {
      return new Attempt(agentId, null, lost);
    }
  }

  /** Retries rejected calls, because the store may reply late on a busy machine. */
  private static <T> T retryWhileUnavailable(Supplier<T> call) {
    while (true) {
      try {
        return call.get();
      } catch (LifecycleException failure) {
        if (failure.reason() != Reason.STORE_UNAVAILABLE) {
          throw failure;
        }
        LockSupport.parkNanos(1_000_000);
      }
    }
  }

  /**
   * Retries rejected calls, and returns whether the outcome is unknown because a reply was lost.
   */
  private static boolean isLost(Supplier<?> call) {
    try {
      retryWhileUnavailable(call);
      return false;
    } catch (LifecycleException lost) {
      assertThat(lost.reason()).isEqualTo(Reason.OUTCOME_UNKNOWN);
      return true;
    }
  }

  private ValkeyUnderTest store() {
    return servers.get(0).store;
  }

  private void registerAll() {
    for (int agent = 0; agent < AGENTS; agent++) {
      servers
          .get(agent % 2)
          .lifecycle
          .register(new Registration(id(agent), "task-1", Map.of(), null, null, null), null);
    }
  }

  private void forwardAll() {
    while (store().feed().forward(500).published() > 0) {
      // continues until nothing is pending
    }
  }

  private static TransitionRequest move(AgentStatus to) {
    return to == AgentStatus.FAILED
        ? TransitionRequest.failed("exit code 1")
        : TransitionRequest.to(to);
  }

  @Test
  void concurrentRegistrationsHaveOneWinner() throws Exception {
    Queue<Attempt> attempts = new ConcurrentLinkedQueue<>();
    everyCaller(
        (server, caller, agent) ->
            attempts.add(
                attempt(
                    id(agent),
                    () ->
                        server.lifecycle.register(
                            new Registration(id(agent), "task-1", Map.of(), null, null, null),
                            null))));
    assertOneWinnerPerAgent(attempts, Reason.AGENT_EXISTS);
    forwardAll();
    StoreInvariants.check(store());
  }

  @Test
  void concurrentFinalTransitionsHaveOneWinner() throws Exception {
    registerAll();
    for (int agent = 0; agent < AGENTS; agent++) {
      servers
          .get(1 - agent % 2)
          .lifecycle
          .move(id(agent), TransitionRequest.to(AgentStatus.RUNNING), null);
    }
    List<AgentStatus> finals =
        List.of(AgentStatus.COMPLETED, AgentStatus.FAILED, AgentStatus.KILLED);
    Queue<Attempt> attempts = new ConcurrentLinkedQueue<>();
    everyCaller(
        (server, caller, agent) -> {
          TransitionRequest wanted = move(finals.get((caller + agent) % 3));
          attempts.add(attempt(id(agent), () -> server.lifecycle.move(id(agent), wanted, null)));
        });
    Map<String, Agent> winners = assertOneWinnerPerAgent(attempts, Reason.ILLEGAL_TRANSITION);
    Map<String, Agent> ended =
        IntStream.range(0, AGENTS)
            .mapToObj(agent -> store().agents().find(id(agent)).orElseThrow())
            .collect(Collectors.toMap(Agent::agentId, agent -> agent));
    for (Attempt attempt : attempts) {
      if (attempt.lost() != null && !attempt.isUnknown()) {
        assertThat(attempt.lost().details())
            .containsEntry("from", ended.get(attempt.agentId()).status().wireName())
            .containsEntry("allowed", List.of());
      }
    }
    assertThat(ended).containsAllEntriesOf(winners);
    forwardAll();
    StoreInvariants.check(store());
    assertThat(store().published())
        .filteredOn(event -> event instanceof TransitionEvent done && done.to().isFinal())
        .extracting(AgentEvent::agentId)
        .as("agents with a final event")
        .hasSize(AGENTS)
        .doesNotHaveDuplicates();
  }

  /** Asserts that each agent has exactly one winner, unless a reply of the store was lost. */
  private static Map<String, Agent> assertOneWinnerPerAgent(
      Iterable<Attempt> attempts, Reason ofTheOthers) {
    Map<String, Agent> winners = new HashMap<>();
    List<String> unknown = new ArrayList<>();
    for (Attempt attempt : attempts) {
      if (attempt.won() != null) {
        assertThat(winners.put(attempt.agentId(), attempt.won())).as("earlier winner").isNull();
      } else if (attempt.isUnknown()) {
        unknown.add(attempt.agentId());
      } else {
        assertThat(attempt.lost().reason()).isEqualTo(ofTheOthers);
      }
    }
    for (int agent = 0; agent < AGENTS; agent++) {
      assertThat(winners.containsKey(id(agent)) || unknown.contains(id(agent)))
          .as("winner of %s", id(agent))
          .isTrue();
    }
    return winners;
  }

  /** All kinds of calls run concurrently, without coordination. */
  @Test
  void invariantsHoldForConcurrentCallsOfAllKinds() throws Exception {
    registerAll();
    long seed = new Random().nextLong();
    List<AgentStatus> moves =
        Arrays.stream(AgentStatus.values()).filter(to -> !to.sources().isEmpty()).toList();
    everyCaller(
        (server, caller, agent) -> {
          Random random = new Random(seed + agent * 31L + caller);
          String id = id(random.nextInt(Math.min(agent + 1, AGENTS)));
          AgentStatus to = moves.get(random.nextInt(moves.size()));
          attempt(id, () -> server.lifecycle.move(id, move(to), null));
          if (random.nextInt(4) == 0) {
            isLost(() -> server.store.sessions().endSession(id));
          }
          if (random.nextInt(8) == 0) {
            isLost(() -> server.store.sessions().cleanUpDueSessions(3).results());
          }
          if (random.nextInt(4) == 0) {
            isLost(() -> server.store.feed().forward(7));
          }
        });
    forwardAll();
    StoreInvariants.check(store());
    assertThat(store().published()).isEqualTo(store().events());
  }

  @Test
  void observersReceiveTransitionsInOrder() throws Exception {
    registerAll();
    Queue<Attempt> attempts = new ConcurrentLinkedQueue<>();
    everyCaller(
        (server, caller, agent) -> {
          for (AgentStatus to : List.of(AgentStatus.RUNNING, AgentStatus.COMPLETED)) {
            attempts.add(
                attempt(id(agent), () -> server.lifecycle.move(id(agent), move(to), null)));
          }
        });
    List<AgentEvent> fired = new ArrayList<>();
    for (Server server : servers) {
      fired.addAll(server.events.fired());
      server.events.fired().stream()
          .collect(Collectors.groupingBy(AgentEvent::agentId))
          .forEach((id, events) -> assertThat(events).extracting(AgentEvent::version).isSorted());
    }
    List<AgentEvent> committed = store().events();
    assertThat(fired).doesNotHaveDuplicates().isSubsetOf(committed);
    long unknown = attempts.stream().filter(Attempt::isUnknown).count();
    assertThat((long) fired.size()).isBetween(committed.size() - unknown, (long) committed.size());
  }

  @Test
  void concurrentServersEndEachSessionOnce() throws Exception {
    registerAll();
    for (int agent = 0; agent < AGENTS; agent++) {
      servers.get(0).lifecycle.move(id(agent), TransitionRequest.to(AgentStatus.KILLED), null);
    }
    Queue<String> ended = new ConcurrentLinkedQueue<>();
    AtomicInteger unknown = new AtomicInteger();
    everyCaller(
        (server, caller, agent) -> {
          Supplier<List<AgentEvent>> end =
              agent % 3 == 0
                  ? () -> server.store.sessions().cleanUpDueSessions(2).results()
                  : () ->
                      server.store.sessions().endSession(id(agent))
                              instanceof EndSessionResult.Ended closed
                          ? List.of(closed.event())
                          : List.of();
          if (isLost(
              () -> {
                end.get().forEach(event -> ended.add(event.agentId()));
                return null;
              })) {
            unknown.addAndGet(2);
          }
        });
    assertThat(ended).doesNotHaveDuplicates();
    assertThat(ended.size()).isBetween(AGENTS - unknown.get(), AGENTS);
    forwardAll();
    StoreInvariants.check(store());
    assertThat(store().agents().stats().openSessions()).isZero();
  }
}
