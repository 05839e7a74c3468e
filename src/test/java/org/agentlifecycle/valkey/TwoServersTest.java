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

/** Two servers on one Valkey, a dozen callers who all want the same agents. */
@Timeout(120)
class TwoServersTest {
  private static final int AGENTS = 300;
  private static final int CALLERS = 12;

  /** One server as far as races go: locks, connections and observers of its own. */
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

  /** What one caller heard of one agent. */
  private record Heard(String agentId, Agent won, LifecycleException lost) {
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

  /** What one caller does about one agent. */
  private interface Call {
    void make(Server server, int caller, int agent);
  }

  /** Every caller does it for every agent, in step with the others; half are at either server. */
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

  private static Heard attempt(String agentId, Supplier<Agent> call) {
    try {
      return new Heard(agentId, persistently(call), null);
    } catch (LifecycleException lost) {
      return new Heard(agentId, null, lost);
    }
  }

  /** On a busy machine the store may reply late: what was not taken is tried again. */
  private static <T> T persistently(Supplier<T> call) {
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

  /** The same, where a reply that was lost on the way is no fault either; true where one was. */
  private static boolean isLost(Supplier<?> call) {
    try {
      persistently(call);
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
      // until nothing is left
    }
  }

  private static TransitionRequest move(AgentStatus to) {
    return to == AgentStatus.FAILED
        ? TransitionRequest.failed("exit code 1")
        : TransitionRequest.to(to);
  }

  @Test
  void exactlyOneOfManyRegistersAnAgent() throws Exception {
    Queue<Heard> heard = new ConcurrentLinkedQueue<>();
    everyCaller(
        (server, caller, agent) ->
            heard.add(
                attempt(
                    id(agent),
                    () ->
                        server.lifecycle.register(
                            new Registration(id(agent), "task-1", Map.of(), null, null, null),
                            null))));
    oneWinnerEach(heard, Reason.AGENT_EXISTS);
    forwardAll();
    StoreInvariants.hold(store());
  }

  @Test
  void exactlyOneOfManyWinsTheFinalStatusAndTheOthersHearWhichRefusedThem() throws Exception {
    registerAll();
    for (int agent = 0; agent < AGENTS; agent++) {
      servers
          .get(1 - agent % 2)
          .lifecycle
          .move(id(agent), TransitionRequest.to(AgentStatus.RUNNING), null);
    }
    List<AgentStatus> finals =
        List.of(AgentStatus.COMPLETED, AgentStatus.FAILED, AgentStatus.KILLED);
    Queue<Heard> heard = new ConcurrentLinkedQueue<>();
    everyCaller(
        (server, caller, agent) -> {
          TransitionRequest wanted = move(finals.get((caller + agent) % 3));
          heard.add(attempt(id(agent), () -> server.lifecycle.move(id(agent), wanted, null)));
        });
    Map<String, Agent> winners = oneWinnerEach(heard, Reason.ILLEGAL_TRANSITION);
    Map<String, Agent> ended =
        IntStream.range(0, AGENTS)
            .mapToObj(agent -> store().agents().find(id(agent)).orElseThrow())
            .collect(Collectors.toMap(Agent::agentId, agent -> agent));
    for (Heard one : heard) {
      if (one.lost() != null && !one.isUnknown()) {
        assertThat(one.lost().details())
            .containsEntry("from", ended.get(one.agentId()).status().wireName())
            .containsEntry("allowed", List.of());
      }
    }
    assertThat(ended).containsAllEntriesOf(winners);
    forwardAll();
    StoreInvariants.hold(store());
    assertThat(store().published())
        .filteredOn(event -> event instanceof TransitionEvent done && done.to().isFinal())
        .extracting(AgentEvent::agentId)
        .as("one final event each")
        .hasSize(AGENTS)
        .doesNotHaveDuplicates();
  }

  /** Exactly one winner of each agent, unless the store's reply was lost on the way. */
  private static Map<String, Agent> oneWinnerEach(Iterable<Heard> heard, Reason ofTheOthers) {
    Map<String, Agent> winners = new HashMap<>();
    List<String> unknown = new ArrayList<>();
    for (Heard one : heard) {
      if (one.won() != null) {
        assertThat(winners.put(one.agentId(), one.won())).as("a second winner").isNull();
      } else if (one.isUnknown()) {
        unknown.add(one.agentId());
      } else {
        assertThat(one.lost().reason()).isEqualTo(ofTheOthers);
      }
    }
    for (int agent = 0; agent < AGENTS; agent++) {
      assertThat(winners.containsKey(id(agent)) || unknown.contains(id(agent)))
          .as("a winner of %s", id(agent))
          .isTrue();
    }
    return winners;
  }

  /** All kinds of calls at once; nobody waits for anybody. */
  @Test
  void whateverIsCalledAtOnceTheLawsHold() throws Exception {
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
    StoreInvariants.hold(store());
    assertThat(store().published()).isEqualTo(store().events());
  }

  @Test
  void aServersObserversHearOfAnAgentsMovesInTheirOrder() throws Exception {
    registerAll();
    Queue<Heard> heard = new ConcurrentLinkedQueue<>();
    everyCaller(
        (server, caller, agent) -> {
          for (AgentStatus to : List.of(AgentStatus.RUNNING, AgentStatus.COMPLETED)) {
            heard.add(attempt(id(agent), () -> server.lifecycle.move(id(agent), move(to), null)));
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
    long unknown = heard.stream().filter(Heard::isUnknown).count();
    assertThat((long) fired.size()).isBetween(committed.size() - unknown, (long) committed.size());
  }

  @Test
  void eachSessionEndsOnceWhicheverServerEndsIt() throws Exception {
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
    StoreInvariants.hold(store());
    assertThat(store().agents().stats().openSessions()).isZero();
  }
}
