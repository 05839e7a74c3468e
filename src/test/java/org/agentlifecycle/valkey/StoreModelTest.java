package org.agentlifecycle.valkey;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
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
import org.agentlifecycle.agent.AgentPage;
import org.agentlifecycle.agent.AgentQuery;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.AgentVersion;
import org.agentlifecycle.agent.CommittedTransition;
import org.agentlifecycle.agent.Desired;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.agent.Parent;
import org.agentlifecycle.agent.RawJson;
import org.agentlifecycle.agent.RegisterResult;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.SupervisionFilter;
import org.agentlifecycle.agent.Timeouts;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.agent.TransitionResult;
import org.agentlifecycle.agent.Waiting;
import org.agentlifecycle.contract.StoreSettings;
import org.agentlifecycle.harness.TestStore;
import org.agentlifecycle.kill.Kill;
import org.agentlifecycle.kill.KillRequest;
import org.agentlifecycle.kill.KillStep;
import org.agentlifecycle.kill.StartKillResult;
import org.agentlifecycle.memory.InMemoryStore;
import org.agentlifecycle.session.EndSessionResult;
import org.agentlifecycle.session.HeartbeatResult;
import org.agentlifecycle.session.Progress;
import org.agentlifecycle.session.SweepResult;
import org.agentlifecycle.supervision.DesiredRequest;
import org.agentlifecycle.supervision.DesiredResult;
import org.agentlifecycle.supervision.SupervisionStore;
import org.agentlifecycle.supervision.WaitingResult;
import org.awaitility.Awaitility;

/**
 * Random sequences of calls: Valkey returns the same results as the in-memory store, and its keys
 * fulfil the {@link StoreInvariants}.
 */
class StoreModelTest {
  private static final int AGENTS = 6;

  /** One call on both stores, and the comparison of the results. */
  private interface Step {
    void run(StorePair stores);
  }

  /** Valkey and the model. Valkey is called first; the model then uses its times and event ids. */
  private static final class StorePair {
    private final ValkeyUnderTest valkey;
    private final InMemoryStore model;
    private final Deque<String> eventIds = new ArrayDeque<>();
    private Instant now = Instant.EPOCH;

    private final Map<String, KillRequest> requests = new HashMap<>();
    private int kills;

    /** The time of a call without an event is not known. It is not later than this one. */
    void passTime() {
      now = valkey.now().truncatedTo(ChronoUnit.MILLIS);
    }

    StorePair(ValkeyUnderTest valkey, StoreSettings settings) {
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
    public void run(StorePair stores) {
      RegisterResult result =
          stores.valkey.agents().register(registration, keyOf(key, registration));
      if (result instanceof RegisterResult.Registered registered && !registered.replayed()) {
        stores.replicate(registered.transition().event());
      }
      assertThat(result).isEqualTo(stores.model.register(registration, keyOf(key, registration)));
      stores.assertEqual(registration.agentId());
    }
  }

  private static IdempotencyKey keyOf(String key, Record registration) {
    return key == null
        ? null
        : new IdempotencyKey(key, registration.toString(), "text of " + registration);
  }

  /** The expected versions belong to the agent that has this id now. */
  private record MoveAgent(
      String agentId, TransitionRequest unconditional, Set<Long> versions, String key)
      implements Step {
    @Override
    public void run(StorePair stores) {
      Agent agent = stores.model.find(agentId).orElse(null);
      TransitionRequest move = agent == null || versions == null ? unconditional : expecting(agent);
      List<AgentStatus> sources = move.to().sources();
      TransitionResult result =
          stores.valkey.agents().move(agentId, move, sources, keyOf(key, this));
      if (result instanceof TransitionResult.Applied moved && !moved.replayed()) {
        stores.replicate(moved.transition().event());
      }
      assertThat(result).isEqualTo(stores.model.move(agentId, move, sources, keyOf(key, this)));
      stores.assertEqual(agentId);
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
    public void run(StorePair stores) {
      assertThat(stores.valkey.sessions().replaceContext(agentId, context))
          .isEqualTo(stores.model.replaceContext(agentId, context));
      stores.assertEqual(agentId);
    }
  }

  private record RenewLease(String agentId, Duration lease, Progress progress) implements Step {
    @Override
    public void run(StorePair stores) {
      HeartbeatResult result = stores.valkey.sessions().heartbeat(agentId, lease, progress);
      if (result instanceof HeartbeatResult.Renewed) {
        stores.now =
            stores.valkey.sessions().findSession(agentId).session().orElseThrow().lastHeartbeatAt();
      }
      assertThat(result).isEqualTo(stores.model.heartbeat(agentId, lease, progress));
      stores.assertEqual(agentId);
    }
  }

  /** A negative threshold makes each call the first sweep after an outage. */
  private record Expire(int limit, boolean afterOutage) implements Step {
    @Override
    public void run(StorePair stores) {
      Duration outage = afterOutage ? Duration.ofMillis(-1) : StoreSettings.NEVER;
      SweepResult<CommittedTransition> batch = stores.valkey.sessions().expireLeases(limit, outage);
      String swept = stores.valkey.client().get(stores.valkey.key("swept"));
      stores.now = Instant.ofEpochMilli(Long.parseLong(swept));
      batch.results().forEach(change -> stores.eventIds.add(change.event().id()));
      assertThat(batch).isEqualTo(stores.model.expireLeases(limit, outage));
      stores.assertEqual();
    }
  }

  /** Waits until every final agent is due, if the retention is zero. */
  private record Purge(int limit) implements Step {
    @Override
    public void run(StorePair stores) {
      Instant due = stores.now.plusMillis(1);
      while (!stores.valkey.now().isAfter(due)) {
        LockSupport.parkNanos(500_000);
      }
      SweepResult<AgentEvent> batch = stores.valkey.sessions().purge(limit);
      stores.now = stores.valkey.now();
      for (AgentEvent ended : batch.results()) {
        stores.replicate(ended);
      }
      assertThat(batch).isEqualTo(stores.model.purge(limit));
      stores.assertEqual();
    }
  }

  /**
   * @param waiting null: the agent waits no longer
   */
  private record Wait(String agentId, Waiting waiting, String key) implements Step {
    @Override
    public void run(StorePair stores) {
      IdempotencyKey once = keyOf(key, this);
      WaitingResult result = wait(stores.valkey.supervision(), once);
      if (result instanceof WaitingResult.Accepted accepted
          && accepted.event() != null
          && !accepted.replayed()) {
        stores.replicate(accepted.event());
      }
      assertThat(result).isEqualTo(wait(stores.model, once));
      stores.assertEqual(agentId);
    }

    private WaitingResult wait(SupervisionStore store, IdempotencyKey once) {
      return waiting == null
          ? store.endWaiting(agentId, once)
          : store.startWaiting(agentId, waiting, once);
    }
  }

  private record Desire(String agentId, DesiredRequest request, String key) implements Step {
    @Override
    public void run(StorePair stores) {
      DesiredResult result =
          stores.valkey.supervision().setDesired(agentId, request, keyOf(key, this));
      if (result instanceof DesiredResult.Accepted accepted
          && accepted.event() != null
          && !accepted.replayed()) {
        stores.replicate(accepted.event());
      } else {
        stores.passTime();
      }
      assertThat(result).isEqualTo(stores.model.setDesired(agentId, request, keyOf(key, this)));
      stores.assertEqual(agentId);
    }
  }

  /** A store may check agents that are not due, so that only complete steps have equal results. */
  private record ExpireDeadlines() implements Step {
    @Override
    public void run(StorePair stores) {
      stores.passTime();
      List<CommittedTransition> ended =
          stores.valkey.supervision().expireDeadlines(1_000).results();
      ended.forEach(change -> stores.replicate(change.event()));
      assertThat(stores.model.expireDeadlines(1_000).results())
          .containsExactlyInAnyOrderElementsOf(ended);
      stores.assertEqual();
    }
  }

  private record KillDependents() implements Step {
    @Override
    public void run(StorePair stores) {
      List<CommittedTransition> killed =
          stores.valkey.supervision().killDependents(1_000).results();
      killed.forEach(change -> stores.replicate(change.event()));
      assertThat(killed).isEqualTo(stores.model.killDependents(1_000).results());
      stores.assertEqual();
    }
  }

  private record SetAdmission(Admission admission) implements Step {
    @Override
    public void run(StorePair stores) {
      stores.valkey.admission().set(admission);
      stores.model.set(admission);
      stores.assertEqual();
    }
  }

  private record StartKill(KillRequest request, String key) implements Step {
    @Override
    public void run(StorePair stores) {
      String killId = "k-" + stores.kills++;
      StartKillResult result = stores.valkey.kills().start(killId, request, keyOf(key, request));
      stores.valkey.kills().findKill(killId).ifPresent(kill -> stores.now = kill.startedAt());
      stores.requests.put(killId, request);
      assertThat(result).isEqualTo(stores.model.start(killId, request, keyOf(key, request)));
      stores.assertEqual();
    }
  }

  /** A store may choose the size of a step. Agents and counts must be equal afterwards. */
  private record StepKill(int which, int limit) implements Step {
    @Override
    public void run(StorePair stores) {
      List<String> running = stores.valkey.kills().runningKills();
      if (running.isEmpty()) {
        return;
      }
      String killId = running.get(which % running.size());
      KillRequest request = stores.requests.get(killId);
      if (request.tree() != null || request.grace() != null) {
        runExtended(stores, killId, request.tree() == null ? 1_000 : limit);
        return;
      }
      KillStep step = stores.valkey.kills().step(killId, limit, AgentStatus.KILLED.sources());
      for (CommittedTransition killed : step.killed()) {
        stores.replicate(killed.event());
        assertThat(stores.model.kill(killId, killed.agent().agentId())).isEqualTo(killed);
      }
      Optional<Kill> kill = stores.valkey.kills().findKill(killId);
      if (step.done()) {
        kill.ifPresent(done -> stores.now = done.finishedAt());
        stores.model.finish(killId);
      }
      if (kill.isPresent() && (step.done() || !kill.get().dryRun())) {
        assertThat(kill).isEqualTo(stores.model.findKill(killId));
      }
      stores.assertEqual();
    }

    /** The order in which a tree is scanned is part of the contract, and so are its steps. */
    private static void runExtended(StorePair stores, String killId, int limit) {
      stores.passTime();
      KillStep step = stores.valkey.kills().step(killId, limit, AgentStatus.KILLED.sources());
      Optional<Kill> kill = stores.valkey.kills().findKill(killId);
      kill.map(Kill::finishedAt).ifPresent(finished -> stores.now = finished);
      step.killed().forEach(change -> stores.replicate(change.event()));
      step.stopping().forEach(stores::replicate);
      assertThat(step).isEqualTo(stores.model.step(killId, limit, AgentStatus.KILLED.sources()));
      if (kill.isPresent()) {
        assertThat(kill).isEqualTo(stores.model.findKill(killId));
      }
      stores.assertEqual();
    }
  }

  private record Close(String agentId) implements Step {
    @Override
    public void run(StorePair stores) {
      EndSessionResult result = stores.valkey.sessions().endSession(agentId);
      if (result instanceof EndSessionResult.Ended closed) {
        stores.replicate(closed.event());
      }
      assertThat(result).isEqualTo(stores.model.endSession(agentId));
      stores.assertEqual(agentId);
    }
  }

  private record CleanUp(int limit) implements Step {
    @Override
    public void run(StorePair stores) {
      List<AgentEvent> ended = stores.valkey.sessions().cleanUpDueSessions(limit).results();
      ended.forEach(stores::replicate);
      assertThat(ended).isEqualTo(stores.model.cleanUpDueSessions(limit).results());
      ended.forEach(event -> stores.assertEqual(event.agentId()));
    }
  }

  private record Forward(int limit) implements Step {
    @Override
    public void run(StorePair stores) {
      assertThat(stores.valkey.feed().forward(limit).published())
          .isEqualTo(stores.model.feed().forward(limit).published());
    }
  }

  private record Listing(AgentQuery query) implements Step {
    @Override
    public void run(StorePair stores) {
      AgentPage page = stores.valkey.agents().list(query);
      stores.passTime();
      assertThat(page).isEqualTo(stores.model.list(query));
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
      StorePair stores = new StorePair(valkey, settings);
      calls.forEach(call -> call.run(stores));
      stores.assertEqual();
      assertThat(valkey.events()).isEqualTo(stores.model.feed().events());
      assertThat(valkey.published()).isEqualTo(stores.model.feed().channel());
      StoreInvariants.check(valkey);
      if (keptBriefly) {
        endEverything(valkey);
      }
    }
  }

  /** After the end of all agents and kills, nothing remains. */
  private static void endEverything(ValkeyUnderTest valkey) {
    for (int i = 0; i < AGENTS; i++) {
      valkey
          .agents()
          .move(
              "a-" + i,
              TransitionRequest.to(AgentStatus.KILLED),
              AgentStatus.KILLED.sources(),
              null);
    }
    valkey.supervision().killDependents(1_000);
    valkey.client().keys(valkey.key("once:*")).forEach(valkey.client()::del);
    Awaitility.await()
        .pollInterval(Duration.ofMillis(1))
        .untilAsserted(
            () -> {
              for (String killId : valkey.kills().runningKills()) {
                valkey.kills().step(killId, 1_000, AgentStatus.KILLED.sources());
              }
              valkey.sessions().purge(1_000);
              StoreInvariants.checkEmpty(valkey);
            });
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
            Tuple.of(3, Combinators.combine(agentIds(), leases(), progress()).as(RenewLease::new)),
            Tuple.of(3, waiting()),
            Tuple.of(3, desiring()),
            Tuple.of(2, Arbitraries.of(true).map(any -> new ExpireDeadlines())),
            Tuple.of(2, Arbitraries.of(true).map(any -> new KillDependents())),
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
        .map(SetAdmission::new);
  }

  private static Arbitrary<Step> killing() {
    Arbitrary<KillRequest> requests =
        Combinators.combine(
                Arbitraries.of("t-1", "t-2").injectNull(0.6),
                Arbitraries.of(AgentStatus.SPAWNING, AgentStatus.RUNNING).injectNull(0.6),
                Arbitraries.maps(Arbitraries.of("team"), Arbitraries.of("x", "y")).ofMaxSize(1),
                agentIds().injectNull(0.6),
                graces().injectNull(0.6),
                texts().injectNull(0.5),
                Arbitraries.of(true, false, false))
            .as(KillRequest::new);
    return Combinators.combine(requests, keys()).as(StartKill::new);
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
            leases(),
            Combinators.combine(leases(), leases()).as(Timeouts::new),
            parents().injectNull(0.4))
        .as(Registration::new)
        .flatMap(registration -> keys().map(key -> new Register(registration, key)));
  }

  private static Arbitrary<Parent> parents() {
    return Combinators.combine(agentIds(), Arbitraries.of(Parent.OnEnd.class)).as(Parent::new);
  }

  private static Arbitrary<Duration> graces() {
    return Arbitraries.of(Duration.ZERO, Duration.ofMillis(2), Duration.ofHours(1));
  }

  /** Few values, so that some calls repeat the last one. */
  private static Arbitrary<Progress> progress() {
    return Combinators.combine(
            Arbitraries.of(0.0, 3.0, 3.25, Progress.MAX),
            Arbitraries.of(10.0).injectNull(0.5),
            Arbitraries.of("a \"text\"").injectNull(0.5))
        .as(Progress::new)
        .injectNull(0.4);
  }

  private static Arbitrary<Step> waiting() {
    Arbitrary<Waiting> values =
        Combinators.combine(
                Arbitraries.of(Waiting.Kind.class), Arbitraries.of("a note").injectNull(0.5))
            .as((kind, note) -> new Waiting(kind, note, "https://host/" + kind, null));
    return Combinators.combine(agentIds(), values.injectNull(0.3), keys()).as(Wait::new);
  }

  private static Arbitrary<Step> desiring() {
    Arbitrary<String> reasons = Arbitraries.of("one", "other").injectNull(0.4);
    Arbitrary<DesiredRequest> requests =
        Arbitraries.of(Desired.Mode.class)
            .flatMap(
                mode ->
                    Combinators.combine(graces(), reasons)
                        .as(
                            (grace, reason) ->
                                new DesiredRequest(
                                    mode, mode == Desired.Mode.STOPPED ? grace : null, reason)));
    return Combinators.combine(agentIds(), requests, keys()).as(Desire::new);
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
            supervisionFilters(),
            Arbitraries.integers().between(1, 4),
            Arbitraries.longs().between(1, AGENTS).injectNull(0.5))
        .as(
            (statuses, task, labels, open, supervision, limit, before) ->
                new Listing(
                    new AgentQuery(
                        statuses,
                        task,
                        labels.entrySet().stream()
                            .collect(
                                Collectors.toMap(
                                    Map.Entry::getKey, label -> Set.of(label.getValue()))),
                        open,
                        supervision,
                        limit,
                        before == null ? AgentQuery.NEWEST : before)));
  }

  private static Arbitrary<SupervisionFilter> supervisionFilters() {
    return Combinators.combine(
            agentIds().injectNull(0.7),
            agentIds().injectNull(0.7),
            Arbitraries.of(Waiting.Kind.class).set().ofMaxSize(4),
            Arbitraries.of(Duration.ZERO, Duration.ofHours(1)).injectNull(0.7))
        .as(SupervisionFilter::new);
  }
}
