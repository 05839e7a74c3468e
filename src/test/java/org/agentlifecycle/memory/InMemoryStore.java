package org.agentlifecycle.memory;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.agentlifecycle.admission.Admission;
import org.agentlifecycle.admission.AdmissionStore;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentPage;
import org.agentlifecycle.agent.AgentQuery;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.AgentStore;
import org.agentlifecycle.agent.CleanupEvent;
import org.agentlifecycle.agent.CommittedTransition;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.agent.Output;
import org.agentlifecycle.agent.RawJson;
import org.agentlifecycle.agent.RegisterResult;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.RemoveResult;
import org.agentlifecycle.agent.Stats;
import org.agentlifecycle.agent.Transition;
import org.agentlifecycle.agent.TransitionEvent;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.agent.TransitionResult;
import org.agentlifecycle.batch.BatchStore;
import org.agentlifecycle.batch.StorePipeline;
import org.agentlifecycle.contract.StoreSettings;
import org.agentlifecycle.kill.Kill;
import org.agentlifecycle.kill.KillRequest;
import org.agentlifecycle.kill.KillStep;
import org.agentlifecycle.kill.KillStore;
import org.agentlifecycle.kill.StartKillResult;
import org.agentlifecycle.session.AgentSession;
import org.agentlifecycle.session.AgentSessionPage;
import org.agentlifecycle.session.DamagedRecords;
import org.agentlifecycle.session.EndSessionResult;
import org.agentlifecycle.session.Heartbeat;
import org.agentlifecycle.session.HeartbeatResult;
import org.agentlifecycle.session.Session;
import org.agentlifecycle.session.SessionResult;
import org.agentlifecycle.session.SessionStore;
import org.agentlifecycle.session.SweepResult;

/** In-memory store and model of the real store: short code, without indexes. */
public final class InMemoryStore
    implements AgentStore, SessionStore, KillStore, AdmissionStore, BatchStore {
  private static final int MAX_RUNNING_KILLS = 32;

  private static final DateTimeFormatter MILLIS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  /** Agent with its history, session and lease. */
  private static final class Entry {
    private final long sequence;
    private final List<Transition> history = new ArrayList<>();
    private Agent agent;
    private RawJson context;
    private String killId;
    private boolean open = true;
    private Instant cleanupAt;
    private Duration lease;
    private Instant renewedAt;
    private Instant expiresAt;
    private Instant lastHeartbeatAt;

    Entry(Agent agent, RawJson context) {
      this.sequence = agent.sequence();
      this.agent = agent;
      this.context = context;
    }

    String id() {
      return agent.agentId();
    }

    Session session(boolean withContext) {
      RawJson shown = withContext ? context : null;
      return new Session(id(), agent.spawnedAt(), lastHeartbeatAt, expiresAt, cleanupAt, shown);
    }

    boolean isFinal() {
      return agent.status().isFinal();
    }

    /** A final agent has no lease. */
    void renew(Instant now) {
      renewedAt = now;
      expiresAt = lease == null || isFinal() ? null : now.plus(lease);
    }
  }

  /** Bulk kill with the matching agents that it has not reached yet. */
  private static final class KillProgress {
    private final KillRequest request;
    private final Instant startedAt;
    private final Deque<Entry> pending;
    private Instant finishedAt;
    private long matched;
    private long killed;
    private long alreadyFinished;

    KillProgress(KillRequest request, Instant startedAt, Deque<Entry> pending) {
      this.request = request;
      this.startedAt = startedAt;
      this.pending = pending;
    }

    boolean isRunning() {
      return finishedAt == null;
    }

    void onFinal(Entry entry) {
      if (pending.remove(entry)) {
        matched++;
        alreadyFinished += request.dryRun() ? 0 : 1;
      }
    }
  }

  private final StoreSettings settings;
  private final Supplier<Instant> clock;
  private final Supplier<String> eventIds;
  private final InMemoryIdempotencyRecords records;
  private final InMemoryFeed feed = new InMemoryFeed();
  private final Map<String, Entry> agents = new LinkedHashMap<>();
  private final Map<String, KillProgress> kills = new LinkedHashMap<>();
  private Admission admission;
  private long lastSequence;
  private final Outages outages = new Outages();

  /** Creates a store that uses the clock of the machine. */
  public InMemoryStore(Duration cleanupDelay) {
    this(StoreSettings.QUIET.cleanupAfter(cleanupDelay));
  }

  /** Creates a store that uses the clock of the machine. */
  public InMemoryStore(StoreSettings settings) {
    this(settings, () -> Instant.now().truncatedTo(ChronoUnit.MILLIS), counting());
  }

  /**
   * @param clock supplier of the current time in milliseconds
   * @param eventIds supplier of the next event id
   */
  public InMemoryStore(StoreSettings settings, Supplier<Instant> clock, Supplier<String> eventIds) {
    this.settings = settings;
    this.clock = clock;
    this.eventIds = eventIds;
    this.records = new InMemoryIdempotencyRecords(settings.idempotencyRetention(), clock);
    this.admission = new Admission(true, settings.maxActive());
  }

  private static Supplier<String> counting() {
    AtomicLong last = new AtomicLong();
    return () -> last.incrementAndGet() + "-0";
  }

  /** Returns the feed with all events. */
  public InMemoryFeed feed() {
    return feed;
  }

  /** Returns the number of agents, kills and idempotency records. */
  public synchronized long size() {
    return 0L + agents.size() + kills.size() + records.size();
  }

  @Override
  public StorePipeline pipeline() {
    return new InMemoryPipeline(this, this);
  }

  // Agents ----------------------------------------------------------------------------------------

  @Override
  public synchronized RegisterResult register(Registration registration, IdempotencyKey key) {
    return records.execute(
        key,
        () -> register(registration),
        result -> result instanceof RegisterResult.Registered,
        result ->
            new RegisterResult.Registered(((RegisterResult.Registered) result).transition(), true),
        new RegisterResult.KeyReused());
  }

  private RegisterResult register(Registration registration) {
    if (agents.containsKey(registration.agentId())) {
      return new RegisterResult.AlreadyExists();
    }
    if (!admission.open()) {
      return new RegisterResult.AdmissionClosed();
    }
    long active = count(entry -> !entry.isFinal());
    if (admission.maxActive() > 0 && active >= admission.maxActive()) {
      return new RegisterResult.AdmissionLimitReached(admission.maxActive());
    }
    Instant now = clock.get();
    Agent agent =
        new Agent(
            registration.agentId(),
            registration.taskId(),
            AgentStatus.SPAWNING,
            1,
            now,
            null,
            null,
            null,
            registration.labels(),
            registration.metadata(),
            Output.NONE,
            null,
            ++lastSequence);
    Entry entry = new Entry(agent, registration.session());
    entry.lease = registration.lease() == null ? settings.defaultLease() : registration.lease();
    entry.renew(now);
    agents.put(registration.agentId(), entry);
    return new RegisterResult.Registered(committed(entry, null, null, null, now), false);
  }

  @Override
  public synchronized TransitionResult move(
      String agentId, TransitionRequest move, List<AgentStatus> legalFrom, IdempotencyKey key) {
    return records.execute(
        key,
        () -> move(agentId, move, legalFrom),
        result -> result instanceof TransitionResult.Applied,
        result ->
            new TransitionResult.Applied(((TransitionResult.Applied) result).transition(), true),
        new TransitionResult.KeyReused());
  }

  private TransitionResult move(
      String agentId, TransitionRequest move, List<AgentStatus> legalFrom) {
    Entry entry = agents.get(agentId);
    if (entry == null) {
      return new TransitionResult.NotFound();
    }
    Agent was = entry.agent;
    if (move.ifVersion() != null
        && move.ifVersion().stream().noneMatch(version -> version.matches(was))) {
      return new TransitionResult.VersionMismatch(was.version());
    }
    if (!legalFrom.contains(was.status())) {
      return new TransitionResult.Illegal(was.status());
    }
    return new TransitionResult.Applied(moved(entry, move, null), false);
  }

  private CommittedTransition moved(Entry entry, TransitionRequest move, String killId) {
    Agent was = entry.agent;
    Instant now = clock.get();
    boolean starts = move.to() == AgentStatus.RUNNING && was.startedAt() == null;
    boolean ends = move.to().isFinal();
    entry.agent =
        new Agent(
            was.agentId(),
            was.taskId(),
            move.to(),
            was.version() + 1,
            was.spawnedAt(),
            starts ? now : was.startedAt(),
            ends ? now : was.completedAt(),
            move.error() == null ? was.error() : move.error(),
            was.labels(),
            was.metadata(),
            ends ? move.output() : was.output(),
            was.sessionConfirmed(),
            was.sequence());
    entry.renew(now);
    if (ends) {
      entry.killId = killId;
      entry.cleanupAt = now.plus(settings.cleanupDelay());
      running().forEach(kill -> kill.onFinal(entry));
    }
    return committed(entry, was.status(), move.reason(), killId, now);
  }

  private CommittedTransition committed(
      Entry entry, AgentStatus from, String reason, String killId, Instant at) {
    Agent agent = entry.agent;
    TransitionEvent event = TransitionEvent.of(agent, eventIds.get(), at, from, reason, killId);
    feed.add(event, agent.labels());
    entry.history.add(
        new Transition(
            agent.version(), from, agent.status(), at, null, reason, agent.error(), event.id()));
    return new CommittedTransition(agent, event);
  }

  @Override
  public synchronized Optional<Agent> find(String agentId) {
    return Optional.ofNullable(agents.get(agentId)).map(entry -> entry.agent);
  }

  @Override
  public synchronized AgentPage list(AgentQuery query) {
    List<Entry> matching =
        newestFirst()
            .filter(entry -> entry.sequence < query.before() && matches(query, entry))
            .toList();
    List<Entry> page = matching.subList(0, Math.min(query.limit(), matching.size()));
    boolean more = page.size() < matching.size();
    return new AgentPage(
        page.stream().map(entry -> entry.agent).toList(),
        more ? page.get(page.size() - 1).sequence : null);
  }

  private Stream<Entry> newestFirst() {
    return agents.values().stream()
        .sorted(Comparator.comparing((Entry entry) -> entry.sequence).reversed());
  }

  private static boolean matches(AgentQuery query, Entry entry) {
    Agent agent = entry.agent;
    return (query.statuses().isEmpty() || query.statuses().contains(agent.status()))
        && (query.taskId() == null || query.taskId().equals(agent.taskId()))
        && (query.sessionOpen() == null || query.sessionOpen() == entry.open)
        && query.labels().entrySet().stream()
            .allMatch(
                filter ->
                    filter.getValue().stream()
                        .allMatch(value -> value.equals(agent.labels().get(filter.getKey()))));
  }

  @Override
  public synchronized Optional<List<Transition>> history(String agentId) {
    return Optional.ofNullable(agents.get(agentId)).map(entry -> List.copyOf(entry.history));
  }

  @Override
  public synchronized Stats stats() {
    return new Stats(
        count(entry -> entry.agent.status() == AgentStatus.SPAWNING),
        count(entry -> entry.agent.status() == AgentStatus.RUNNING),
        count(entry -> entry.agent.status() == AgentStatus.COMPLETED),
        count(entry -> entry.agent.status() == AgentStatus.FAILED),
        count(entry -> entry.agent.status() == AgentStatus.KILLED),
        count(entry -> entry.open),
        count(entry -> entry.open && entry.cleanupAt != null));
  }

  private long count(Predicate<Entry> which) {
    return agents.values().stream().filter(which).count();
  }

  @Override
  public synchronized RemoveResult removeDamaged(String agentId) {
    return agents.containsKey(agentId) ? RemoveResult.READABLE : RemoveResult.NOT_FOUND;
  }

  // Sessions --------------------------------------------------------------------------------------

  @Override
  public synchronized SessionResult findSession(String agentId) {
    Entry entry = agents.get(agentId);
    if (entry == null) {
      return new SessionResult.AgentNotFound();
    }
    return entry.open
        ? new SessionResult.Open(entry.session(true))
        : new SessionResult.SessionNotFound();
  }

  @Override
  public synchronized AgentSessionPage list(AgentQuery query, boolean withContext) {
    AgentPage page = list(query);
    return new AgentSessionPage(
        page.items().stream()
            .map(
                agent -> {
                  Entry entry = agents.get(agent.agentId());
                  Session session = entry.open ? entry.session(withContext) : null;
                  return new AgentSession(agent, session);
                })
            .toList(),
        page.next(),
        List.of());
  }

  @Override
  public synchronized SessionResult replaceContext(String agentId, RawJson context) {
    if (findSession(agentId) instanceof SessionResult.Open) {
      agents.get(agentId).context = context;
    }
    return findSession(agentId);
  }

  @Override
  public synchronized EndSessionResult endSession(String agentId, IdempotencyKey key) {
    return records.execute(
        key,
        () -> endOpenSession(agentId),
        result -> result instanceof EndSessionResult.Ended,
        result -> new EndSessionResult.Ended(((EndSessionResult.Ended) result).event(), true),
        new EndSessionResult.KeyReused());
  }

  private EndSessionResult endOpenSession(String agentId) {
    Entry entry = agents.get(agentId);
    if (entry == null) {
      return new EndSessionResult.AgentNotFound();
    }
    if (!entry.open) {
      return new EndSessionResult.SessionNotFound();
    }
    if (!entry.isFinal()) {
      return new EndSessionResult.NotFinished(entry.agent.status());
    }
    return new EndSessionResult.Ended(ended(entry, true), false);
  }

  @Override
  public synchronized SweepResult<AgentEvent> cleanUpDueSessions(int limit) {
    List<AgentEvent> ended =
        due(entry -> entry.open ? entry.cleanupAt : null, clock.get(), limit).stream()
            .map(entry -> ended(entry, false))
            .toList();
    return new SweepResult<>(ended.size(), ended);
  }

  @Override
  public DamagedRecords damagedRecords(int limit) {
    return new DamagedRecords(0, List.of());
  }

  /** Returns no damaged records, because this store loses and damages none. */
  @Override
  public synchronized SweepResult<AgentEvent> checkRecords(int limit) {
    return new SweepResult<>(Math.min(limit, agents.size()), List.of());
  }

  /** Returns the due agents, oldest due time first. */
  private List<Entry> due(Function<Entry, Instant> time, Instant now, int limit) {
    return agents.values().stream()
        .filter(entry -> time.apply(entry) != null && !time.apply(entry).isAfter(now))
        .sorted(Comparator.comparing(time).thenComparing(Entry::id))
        .limit(limit)
        .toList();
  }

  private static Agent withSessionEnded(Agent was, boolean confirmed) {
    return new Agent(
        was.agentId(),
        was.taskId(),
        was.status(),
        was.version(),
        was.spawnedAt(),
        was.startedAt(),
        was.completedAt(),
        was.error(),
        was.labels(),
        was.metadata(),
        was.output(),
        confirmed,
        was.sequence());
  }

  private AgentEvent ended(Entry entry, boolean confirmed) {
    entry.open = false;
    Agent agent = withSessionEnded(entry.agent, confirmed);
    entry.agent = agent;
    AgentEvent event =
        new CleanupEvent(
            eventIds.get(),
            agent.agentId(),
            agent.taskId(),
            clock.get(),
            agent.version(),
            confirmed);
    feed.add(event, entry.agent.labels());
    return event;
  }

  @Override
  public synchronized HeartbeatResult heartbeat(String agentId, Duration lease) {
    Entry entry = agents.get(agentId);
    if (entry == null) {
      return new HeartbeatResult.AgentNotFound();
    }
    if (entry.isFinal()) {
      Transition last = entry.history.get(entry.history.size() - 1);
      return new HeartbeatResult.Finished(
          entry.agent.status(), last.reason(), last.error(), entry.killId);
    }
    entry.lastHeartbeatAt = clock.get();
    entry.lease = lease == null ? entry.lease : lease;
    entry.renew(entry.lastHeartbeatAt);
    return new HeartbeatResult.Renewed(
        new Heartbeat(agentId, entry.agent.status(), entry.expiresAt));
  }

  @Override
  public synchronized SweepResult<CommittedTransition> expireLeases(int limit, Duration outage) {
    Instant now = clock.get();
    outages.observe(now, outage);
    List<Entry> due = due(entry -> entry.expiresAt, now, limit);
    List<CommittedTransition> failed = new ArrayList<>();
    for (Entry entry : due) {
      Instant deadline = outages.extend(entry.renewedAt.plus(entry.lease), entry.lease, now);
      if (deadline.isAfter(now)) {
        entry.expiresAt = deadline;
      } else {
        failed.add(
            moved(entry, TransitionRequest.failed("lease expired, " + lastBeat(entry)), null));
      }
    }
    return new SweepResult<>(due.size(), failed);
  }

  private static String lastBeat(Entry entry) {
    return entry.lastHeartbeatAt == null
        ? "no heartbeat"
        : "last heartbeat " + MILLIS.format(entry.lastHeartbeatAt);
  }

  @Override
  public synchronized SweepResult<AgentEvent> purge(int limit) {
    Instant until = clock.get().minus(settings.retention());
    List<Entry> due = due(entry -> entry.agent.completedAt(), until, limit);
    List<AgentEvent> ended =
        due.stream().filter(entry -> entry.open).map(entry -> ended(entry, false)).toList();
    due.forEach(entry -> agents.remove(entry.id()));
    return new SweepResult<>(due.size(), ended);
  }

  // Bulk kills ------------------------------------------------------------------------------------

  @Override
  public synchronized StartKillResult start(
      String killId, KillRequest request, IdempotencyKey key) {
    return records.execute(
        key,
        () -> start(killId, request),
        result -> result instanceof StartKillResult.Started,
        result -> result,
        new StartKillResult.KeyReused());
  }

  private StartKillResult start(String killId, KillRequest request) {
    if (running().count() >= MAX_RUNNING_KILLS) {
      return new StartKillResult.TooManyKills();
    }
    Deque<Entry> matching = new ArrayDeque<>();
    newestFirst().filter(entry -> matches(request, entry)).forEach(matching::add);
    kills.put(killId, new KillProgress(request, clock.get(), matching));
    return new StartKillResult.Started(killId);
  }

  private static boolean matches(KillRequest request, Entry entry) {
    Agent agent = entry.agent;
    return !entry.isFinal()
        && (request.taskId() == null || request.taskId().equals(agent.taskId()))
        && (request.status() == null || request.status() == agent.status())
        && agent.labels().entrySet().containsAll(request.labels().entrySet());
  }

  private Stream<KillProgress> running() {
    return kills.values().stream().filter(KillProgress::isRunning);
  }

  @Override
  public synchronized KillStep step(String killId, int limit, List<AgentStatus> legalFrom) {
    KillProgress kill = kills.get(killId);
    if (kill == null || !kill.isRunning()) {
      return new KillStep(true, List.of());
    }
    List<CommittedTransition> killed = new ArrayList<>();
    for (int scanned = 0; scanned < limit && !kill.pending.isEmpty(); scanned++) {
      Entry entry = kill.pending.peek();
      if (kill.request.dryRun()) {
        kill.pending.remove();
        kill.matched++;
      } else {
        killed.add(kill(killId, entry.id()));
      }
    }
    if (kill.pending.isEmpty()) {
      finish(killId);
    }
    return new KillStep(!kill.isRunning(), killed);
  }

  /** Kills one matching agent that the kill has not reached. */
  public synchronized CommittedTransition kill(String killId, String agentId) {
    KillProgress kill = kills.get(killId);
    Entry entry = agents.get(agentId);
    if (!kill.pending.remove(entry)) {
      throw new IllegalArgumentException(killId + " does not match " + agentId);
    }
    kill.matched++;
    kill.killed++;
    String reason = kill.request.reason();
    return moved(entry, new TransitionRequest(AgentStatus.KILLED, null, reason, null), killId);
  }

  /** Counts the remaining agents of a dry run, and finishes the kill. */
  public synchronized void finish(String killId) {
    KillProgress kill = kills.get(killId);
    if (kill.request.dryRun()) {
      kill.matched += kill.pending.size();
      kill.pending.clear();
    }
    if (!kill.pending.isEmpty()) {
      throw new IllegalStateException(killId + " has not reached all agents");
    }
    kill.finishedAt = clock.get();
  }

  @Override
  public synchronized Optional<Kill> findKill(String killId) {
    Instant until = clock.get().minus(settings.retention());
    kills.values().removeIf(kill -> !kill.isRunning() && !kill.finishedAt.isAfter(until));
    return Optional.ofNullable(kills.get(killId))
        .map(
            kill ->
                new Kill(
                    killId,
                    kill.isRunning(),
                    kill.request.dryRun(),
                    kill.matched,
                    kill.killed,
                    kill.alreadyFinished,
                    kill.startedAt,
                    kill.finishedAt));
  }

  @Override
  public synchronized List<String> runningKills() {
    return kills.entrySet().stream()
        .filter(kill -> kill.getValue().isRunning())
        .map(Map.Entry::getKey)
        .toList();
  }

  // Admission -------------------------------------------------------------------------------------

  @Override
  public synchronized Admission get() {
    return admission;
  }

  @Override
  public synchronized void set(Admission admission) {
    this.admission = admission;
  }
}
