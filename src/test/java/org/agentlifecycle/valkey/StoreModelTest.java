package org.agentlifecycle.valkey;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.agentlifecycle.admission.Admission;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentQuery;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.AgentVersion;
import org.agentlifecycle.agent.CommittedTransition;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.agent.RawJson;
import org.agentlifecycle.agent.RegisterResult;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.agent.TransitionResult;
import org.agentlifecycle.contract.StoreSettings;
import org.agentlifecycle.harness.TestStore;
import org.agentlifecycle.kill.Kill;
import org.agentlifecycle.kill.KillRequest;
import org.agentlifecycle.kill.KillStep;
import org.agentlifecycle.kill.StartKillResult;
import org.agentlifecycle.memory.InMemoryStore;
import org.agentlifecycle.session.EndSessionResult;
import org.agentlifecycle.session.HeartbeatResult;
import org.agentlifecycle.session.SweepResult;

/**
 * Random sequences of calls: Valkey returns the same results as the in-memory store, and its keys
 * fulfil the {@link StoreInvariants}.
 */
class StoreModelTest {
  private static final int AGENTS = 6;

  /** One call on both stores, and the comparison of the results. */
  private interface Step {
    void take(Both both);
  }

  /** Both stores. Valkey is called first; the model then uses its times and event ids. */
  private static final class Both {
    private final ValkeyUnderTest valkey;
    private final InMemoryStore model;
    private final Deque<String> eventIds = new ArrayDeque<>();
    private Instant now = Instant.EPOCH;

    private int kills;

    Both(ValkeyUnderTest valkey, StoreSettings settings) {
      this.valkey = valkey;
      this.model = new InMemoryStore(settings, () -> now, eventIds::remove);
    }

    void replicate(AgentEvent event) {
      now = event.timestamp();
      eventIds.add(event.id());
    }

    void assertEqual() {
      IntStream.range(0, AGENTS).forEach(i -> assertEqual("a-" + i));
      assertThat(Set.copyOf(valkey.kills().runningKills()))
          .isEqualTo(Set.copyOf(model.runningKills()));
      assertThat(valkey.admission().get()).isEqualTo(model.get());
    }

    void assertEqual(String agentId) {
      assertThat(valkey.agents().find(agentId)).isEqualTo(model.find(agentId));
      assertThat(valkey.agents().history(agentId)).isEqualTo(model.history(agentId));
      assertThat(valkey.sessions().findSession(agentId)).isEqualTo(model.findSession(agentId));
      assertThat(valkey.agents().stats()).isEqualTo(model.stats());
      assertThat(eventIds).as("event ids that the model did not use").isEmpty();
    }
  }

  private record Register(Registration registration, String key) implements Step {
    @Override
    public void take(Both both) {
      RegisterResult result = both.valkey.agents().register(registration, once(key, registration));
      if (result instanceof RegisterResult.Registered registered && !registered.replayed()) {
        both.replicate(registered.transition().event());
      }
      assertThat(result).isEqualTo(both.model.register(registration, once(key, registration)));
      both.assertEqual(registration.agentId());
    }
  }

  private static IdempotencyKey once(String key, Record registration) {
    return key == null
        ? null
        : new IdempotencyKey(key, registration.toString(), "text of " + registration);
  }

  /** The expected versions belong to the agent that has this id now. */
  private record MoveAgent(
      String agentId, TransitionRequest unconditional, Set<Long> versions, String key)
      implements Step {
    @Override
    public void take(Both both) {
      Agent agent = both.model.find(agentId).orElse(null);
      TransitionRequest move = agent == null || versions == null ? unconditional : expecting(agent);
      List<AgentStatus> sources = move.to().sources();
      TransitionResult result = both.valkey.agents().move(agentId, move, sources, once(key, this));
      if (result instanceof TransitionResult.Applied moved && !moved.replayed()) {
        both.replicate(moved.transition().event());
      }
      assertThat(result).isEqualTo(both.model.move(agentId, move, sources, once(key, this)));
      both.assertEqual(agentId);
    }

    private TransitionRequest expecting(Agent agent) {
      long spawned = agent.spawnedAt().toEpochMilli();
      return new TransitionRequest(
          unconditional.to(),
          unconditional.error(),
          unconditional.reason(),
          versions.stream()
              .map(version -> new AgentVersion(agent.sequence(), spawned, version))
              .collect(Collectors.toSet()));
    }
  }

  private record Context(String agentId, RawJson context) implements Step {
    @Override
    public void take(Both both) {
      assertThat(both.valkey.sessions().replaceContext(agentId, context))
          .isEqualTo(both.model.replaceContext(agentId, context));
      both.assertEqual(agentId);
    }
  }

  private record Beat(String agentId, Duration lease) implements Step {
    @Override
    public void take(Both both) {
      HeartbeatResult result = both.valkey.sessions().heartbeat(agentId, lease);
      if (result instanceof HeartbeatResult.Renewed) {
        both.now =
            both.valkey.sessions().findSession(agentId).session().orElseThrow().lastHeartbeatAt();
      }
      assertThat(result).isEqualTo(both.model.heartbeat(agentId, lease));
      both.assertEqual(agentId);
    }
  }

  /** A negative threshold makes each call the first sweep after an outage. */
  private record Expire(int limit, boolean afterOutage) implements Step {
    @Override
    public void take(Both both) {
      Duration outage = afterOutage ? Duration.ofMillis(-1) : StoreSettings.NEVER;
      SweepResult<CommittedTransition> batch = both.valkey.sessions().expireLeases(limit, outage);
      String swept = both.valkey.client().get(both.valkey.key("swept"));
      both.now = Instant.ofEpochMilli(Long.parseLong(swept));
      batch.results().forEach(change -> both.eventIds.add(change.event().id()));
      assertThat(batch).isEqualTo(both.model.expireLeases(limit, outage));
      both.assertEqual();
    }
  }

  /** Waits until every final agent is due, if the retention is zero. */
  private record Purge(int limit) implements Step {
    @Override
    public void take(Both both) {
      Instant due = both.now.plusMillis(1);
      while (!both.valkey.now().isAfter(due)) {
        LockSupport.parkNanos(500_000);
      }
      SweepResult<AgentEvent> batch = both.valkey.sessions().purge(limit);
      both.now = both.valkey.now();
      for (AgentEvent ended : batch.results()) {
        both.replicate(ended);
      }
      assertThat(batch).isEqualTo(both.model.purge(limit));
      both.assertEqual();
    }
  }

  private record Admit(Admission admission) implements Step {
    @Override
    public void take(Both both) {
      both.valkey.admission().set(admission);
      both.model.set(admission);
      both.assertEqual();
    }
  }

  private record BeginKill(KillRequest request, String key) implements Step {
    @Override
    public void take(Both both) {
      String killId = "k-" + both.kills++;
      StartKillResult result = both.valkey.kills().start(killId, request, once(key, request));
      both.valkey.kills().findKill(killId).ifPresent(kill -> both.now = kill.startedAt());
      assertThat(result).isEqualTo(both.model.start(killId, request, once(key, request)));
      both.assertEqual();
    }
  }

  /** A store may choose the size of a step. Agents and counts must be equal afterwards. */
  private record StepKill(int which, int limit) implements Step {
    @Override
    public void take(Both both) {
      List<String> running = both.valkey.kills().runningKills();
      if (running.isEmpty()) {
        return;
      }
      String killId = running.get(which % running.size());
      KillStep step = both.valkey.kills().step(killId, limit, AgentStatus.KILLED.sources());
      for (CommittedTransition killed : step.killed()) {
        both.replicate(killed.event());
        assertThat(both.model.kill(killId, killed.agent().agentId())).isEqualTo(killed);
      }
      Optional<Kill> kill = both.valkey.kills().findKill(killId);
      if (step.done()) {
        kill.ifPresent(done -> both.now = done.finishedAt());
        both.model.finish(killId);
      }
      if (kill.isPresent() && (step.done() || !kill.get().dryRun())) {
        assertThat(kill).isEqualTo(both.model.findKill(killId));
      }
      both.assertEqual();
    }
  }

  private record Close(String agentId) implements Step {
    @Override
    public void take(Both both) {
      EndSessionResult result = both.valkey.sessions().endSession(agentId);
      if (result instanceof EndSessionResult.Ended closed) {
        both.replicate(closed.event());
      }
      assertThat(result).isEqualTo(both.model.endSession(agentId));
      both.assertEqual(agentId);
    }
  }

  private record CleanUp(int limit) implements Step {
    @Override
    public void take(Both both) {
      List<AgentEvent> ended = both.valkey.sessions().cleanUpDueSessions(limit).results();
      ended.forEach(both::replicate);
      assertThat(ended).isEqualTo(both.model.cleanUpDueSessions(limit).results());
      ended.forEach(event -> both.assertEqual(event.agentId()));
    }
  }

  private record Forward(int limit) implements Step {
    @Override
    public void take(Both both) {
      assertThat(both.valkey.feed().forward(limit).published())
          .isEqualTo(both.model.feed().forward(limit).published());
    }
  }

  private record Listing(AgentQuery query) implements Step {
    @Override
    public void take(Both both) {
      assertThat(both.valkey.agents().list(query)).isEqualTo(both.model.list(query));
    }
  }

  @Property(tries = 80)
  void valkeyEqualsTheModelAndKeepsTheInvariants(
      @ForAll boolean dueAtOnce, @ForAll boolean keptBriefly, @ForAll("calls") List<Step> calls) {
    StoreSettings settings =
        StoreSettings.QUIET
            .cleanupAfter(dueAtOnce ? Duration.ZERO : StoreSettings.NEVER)
            .keepingFinals(keptBriefly ? Duration.ofMillis(1) : StoreSettings.NEVER);
    try (ValkeyUnderTest valkey = ValkeyUnderTest.on(TestStore.uri(), settings)) {
      Both both = new Both(valkey, settings);
      calls.forEach(call -> call.take(both));
      both.assertEqual();
      assertThat(valkey.events()).isEqualTo(both.model.feed().events());
      assertThat(valkey.published()).isEqualTo(both.model.feed().channel());
      StoreInvariants.check(valkey);
    }
  }

  @Provide
  Arbitrary<List<Step>> calls() {
    return Arbitraries.<Step>frequencyOf(
            Tuple.of(6, registering()),
            Tuple.of(8, moving()),
            Tuple.of(2, agentIds().map(Close::new)),
            Tuple.of(1, Combinators.combine(agentIds(), objects()).as(Context::new)),
            Tuple.of(1, upTo(3).map(CleanUp::new)),
            Tuple.of(1, upTo(5).map(Forward::new)),
            Tuple.of(2, listing()),
            Tuple.of(2, Combinators.combine(agentIds(), leases()).as(Beat::new)),
            Tuple.of(
                3,
                Combinators.combine(upTo(4), Arbitraries.of(true, false, false, false))
                    .as(Expire::new)),
            Tuple.of(1, upTo(3).map(Purge::new)),
            Tuple.of(1, admitting()),
            Tuple.of(2, killing()),
            Tuple.of(3, Combinators.combine(upTo(3), upTo(4)).as(StepKill::new)))
        .list()
        .ofMinSize(1)
        .ofMaxSize(60);
  }

  private static Arbitrary<Integer> upTo(int most) {
    return Arbitraries.integers().between(1, most);
  }

  /** No lease, a lease that expires immediately, and a lease that does not expire. */
  private static Arbitrary<Duration> leases() {
    return Arbitraries.of(Duration.ofMillis(1), Duration.ofMillis(3), Duration.ofHours(1))
        .injectNull(0.4);
  }

  private static Arbitrary<String> keys() {
    return Arbitraries.of("key-1", "key-2").injectNull(0.7);
  }

  private static Arbitrary<Step> admitting() {
    return Combinators.combine(
            Arbitraries.of(true, true, true, false), Arbitraries.of(0L, 0L, 0L, 3L, 5L))
        .as(Admission::new)
        .map(Admit::new);
  }

  private static Arbitrary<Step> killing() {
    Arbitrary<KillRequest> requests =
        Combinators.combine(
                Arbitraries.of("t-1", "t-2").injectNull(0.6),
                Arbitraries.of(AgentStatus.SPAWNING, AgentStatus.RUNNING).injectNull(0.6),
                Arbitraries.maps(Arbitraries.of("team"), Arbitraries.of("x", "y")).ofMaxSize(1),
                texts().injectNull(0.5),
                Arbitraries.of(true, false, false))
            .as(KillRequest::new);
    return Combinators.combine(requests, keys()).as(BeginKill::new);
  }

  private static Arbitrary<String> agentIds() {
    return Arbitraries.of(IntStream.range(0, AGENTS).mapToObj(i -> "a-" + i).toList());
  }

  private static Arbitrary<String> texts() {
    return Arbitraries.strings()
        .withCharRange(' ', '~')
        .withChars('"', '\\', '/', '\n', '\u0000', '\u2028', 'ü', '語')
        .ofMinLength(1)
        .ofMaxLength(12);
  }

  private static Arbitrary<Map<String, String>> labels() {
    return Arbitraries.maps(Arbitraries.of("team", "env"), Arbitraries.of("x", "y", "", "x:y"))
        .ofMaxSize(2);
  }

  private static Arbitrary<RawJson> objects() {
    return Arbitraries.of("{}", "{\"n\":1e400}", "{ \"a\" : [1, 2] }").map(RawJson::new);
  }

  private static Arbitrary<Step> registering() {
    return Combinators.combine(
            agentIds(),
            Arbitraries.of("t-1", "t-2"),
            labels(),
            objects().injectNull(0.5),
            objects().injectNull(0.5),
            leases())
        .as(Registration::new)
        .flatMap(registration -> keys().map(key -> new Register(registration, key)));
  }

  private static Arbitrary<Step> moving() {
    Arbitrary<Set<Long>> versions =
        Arbitraries.longs().between(1, 4).set().ofMaxSize(2).injectNull(0.6);
    return Combinators.combine(
            agentIds(),
            Arbitraries.of(AgentStatus.class),
            texts(),
            texts().injectNull(0.5),
            versions,
            keys())
        .as(
            (id, to, error, reason, expected, key) ->
                new MoveAgent(
                    id,
                    new TransitionRequest(
                        to, to == AgentStatus.FAILED ? error : null, reason, null),
                    expected,
                    key));
  }

  private static Arbitrary<Step> listing() {
    return Combinators.combine(
            Arbitraries.of(AgentStatus.class).set().ofMaxSize(3),
            Arbitraries.of("t-1", "t-2").injectNull(0.5),
            labels(),
            Arbitraries.of(true, false).injectNull(0.5),
            Arbitraries.integers().between(1, 4),
            Arbitraries.longs().between(1, AGENTS).injectNull(0.5))
        .as(
            (statuses, task, labels, open, limit, before) ->
                new Listing(
                    new AgentQuery(
                        statuses,
                        task,
                        labels.entrySet().stream()
                            .collect(
                                Collectors.toMap(
                                    Map.Entry::getKey, label -> Set.of(label.getValue()))),
                        open,
                        limit,
                        before == null ? AgentQuery.NEWEST : before)));
  }
}
