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
import org.agentlifecycle.agent.Desired;
import org.agentlifecycle.agent.DesiredEvent;
import org.agentlifecycle.agent.Ending;
import org.agentlifecycle.agent.Family;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.agent.Output;
import org.agentlifecycle.agent.Parent;
import org.agentlifecycle.agent.RawJson;
import org.agentlifecycle.agent.RegisterResult;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.RemoveResult;
import org.agentlifecycle.agent.Stats;
import org.agentlifecycle.agent.SupervisionFilter;
import org.agentlifecycle.agent.Timeouts;
import org.agentlifecycle.agent.Transition;
import org.agentlifecycle.agent.TransitionEvent;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.agent.TransitionResult;
import org.agentlifecycle.agent.Waiting;
import org.agentlifecycle.agent.WaitingEvent;
import org.agentlifecycle.batch.BatchStore;
import org.agentlifecycle.batch.StorePipeline;
import org.agentlifecycle.config.IsoDuration;
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
import org.agentlifecycle.session.Progress;
import org.agentlifecycle.session.Session;
import org.agentlifecycle.session.SessionResult;
import org.agentlifecycle.session.SessionStore;
import org.agentlifecycle.session.SweepResult;
import org.agentlifecycle.supervision.DesiredRequest;
import org.agentlifecycle.supervision.DesiredResult;
import org.agentlifecycle.supervision.SupervisionStore;
import org.agentlifecycle.supervision.WaitingResult;

/** In-memory store and model of the real store: short code, without indexes. */
public final class InMemoryStore
    implements AgentStore, SessionStore, SupervisionStore, KillStore, AdmissionStore, BatchStore {
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
    private Progress progress;
    private Instant progressAt;
    private Waiting waiting;
    private Desired desired;
    private final Entry parent;
    private final boolean endsWithParent;
    private final List<String> stopKills = new ArrayList<>();

    Entry(Agent agent, Registration registration, Entry parent) {
      this.sequence = agent.sequence();
      this.agent = agent;
      this.context = registration.session();
      this.parent = parent;
      this.endsWithParent = parent != null && registration.parent().onEnd() == Parent.OnEnd.KILL;
    }

    /** Returns the ids of the root … the parent. */
    List<String> ancestors() {
      List<String> ids = new ArrayList<>();
      if (parent != null) {
        ids.addAll(parent.ancestors());
        ids.add(parent.id());
      }
      return ids;
    }

    boolean isStopRequested() {
      return desired != null && desired.deadline() != null;
    }

    /** Returns when the service ends the agent; null: never. */
    Instant deadline() {
      if (isFinal()) {
        return null;
      }
      Instant of = agent.startDeadline() == null ? agent.runDeadline() : agent.startDeadline();
      if (!isStopRequested()) {
        return of;
      }
      return of != null && of.isBefore(desired.deadline()) ? of : desired.deadline();
    }

    String id() {
      return agent.agentId();
    }

    Session session(boolean withContext) {
      RawJson shown = withContext ? context : null;
      return new Session(
          id(),
          agent.spawnedAt(),
          lastHeartbeatAt,
          expiresAt,
          cleanupAt,
          progress,
          progressAt,
          waiting,
          desired,
          shown);
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
    private final Instant deadline;
    private boolean scanned;
    private long lastSequence;
    private Instant finishedAt;
    private long matched;
    private long killed;
    private long alreadyFinished;

    KillProgress(KillRequest request, Instant startedAt, Deque<Entry> pending) {
      this.request = request;
      this.startedAt = startedAt;
      this.pending = pending;
      this.deadline = request.grace() == null ? null : startedAt.plus(request.grace());
    }

    boolean isRunning() {
      return finishedAt == null;
    }

    boolean isScanning() {
      return isRunning() && !scanned;
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
    return new InMemoryPipeline(this, this, this);
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
    Parent parent = registration.parent();
    Entry parentEntry = parent == null ? null : agents.get(parent.agentId());
    if (parent != null
        && (parentEntry == null || parentEntry.isFinal() || parentEntry.isStopRequested())) {
      return new RegisterResult.ParentNotActive();
    }
    if (parent != null && parentEntry.agent.family().depth() == Agent.MAX_DEPTH) {
      return new RegisterResult.TreeTooDeep();
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
            family(registration.agentId(), parentEntry),
            AgentStatus.SPAWNING,
            1,
            now,
            null,
            null,
            null,
            registration.timeouts().or(settings.defaultTimeouts()),
            registration.labels(),
            registration.metadata(),
            Output.NONE,
            null,
            ++lastSequence);
    Entry entry = new Entry(agent, registration, parentEntry);
    entry.lease = registration.lease() == null ? settings.defaultLease() : registration.lease();
    entry.renew(now);
    agents.put(registration.agentId(), entry);
    return new RegisterResult.Registered(committed(entry, null, null, null, null, now), false);
  }

  private static Family family(String agentId, Entry parent) {
    if (parent == null) {
      return Family.ofRoot(agentId);
    }
    List<String> ancestors = parent.ancestors();
    ancestors.add(parent.id());
    return Family.below(ancestors);
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
    return new TransitionResult.Applied(moved(entry, move, null, null), false);
  }

  private CommittedTransition moved(
      Entry entry, TransitionRequest move, String actor, String killId) {
    Agent was = entry.agent;
    Instant now = clock.get();
    boolean starts = move.to() == AgentStatus.RUNNING && was.startedAt() == null;
    boolean ends = move.to().isFinal();
    entry.agent =
        new Agent(
            was.agentId(),
            was.taskId(),
            was.family(),
            move.to(),
            was.version() + 1,
            was.spawnedAt(),
            starts ? now : was.startedAt(),
            ends ? now : was.completedAt(),
            move.error() == null ? was.error() : move.error(),
            was.timeouts(),
            was.labels(),
            was.metadata(),
            ends ? move.output() : was.output(),
            was.sessionConfirmed(),
            was.sequence());
    entry.renew(now);
    if (ends) {
      entry.killId = killId;
      entry.cleanupAt = now.plus(settings.cleanupDelay());
      entry.waiting = null;
      running().forEach(kill -> kill.onFinal(entry));
      entry.stopKills.forEach(this::countStopped);
    }
    return committed(entry, was.status(), move.reason(), actor, killId, now);
  }

  private CommittedTransition committed(
      Entry entry, AgentStatus from, String reason, String actor, String killId, Instant at) {
    Agent agent = entry.agent;
    TransitionEvent event =
        TransitionEvent.of(agent, eventIds.get(), at, from, reason, actor, killId);
    feed.add(event, agent.labels());
    entry.history.add(
        new Transition(
            agent.version(), from, agent.status(), at, actor, reason, agent.error(), event.id()));
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

  private boolean matches(AgentQuery query, Entry entry) {
    Agent agent = entry.agent;
    return (query.statuses().isEmpty() || query.statuses().contains(agent.status()))
        && (query.taskId() == null || query.taskId().equals(agent.taskId()))
        && (query.sessionOpen() == null || query.sessionOpen() == entry.open)
        && matches(query.supervision(), entry)
        && query.labels().entrySet().stream()
            .allMatch(
                filter ->
                    filter.getValue().stream()
                        .allMatch(value -> value.equals(agent.labels().get(filter.getKey()))));
  }

  private boolean matches(SupervisionFilter filter, Entry entry) {
    Family family = entry.agent.family();
    return (filter.parentId() == null || filter.parentId().equals(family.parentId()))
        && (filter.rootId() == null || filter.rootId().equals(family.rootId()))
        && (filter.waitingFor().isEmpty()
            || entry.waiting != null && filter.waitingFor().contains(entry.waiting.kind()))
        && (filter.stalledFor() == null || isStalled(entry, filter.stalledFor()));
  }

  private boolean isStalled(Entry entry, Duration time) {
    if (entry.agent.status() != AgentStatus.RUNNING) {
      return false;
    }
    Instant last = entry.progressAt == null ? entry.agent.startedAt() : entry.progressAt;
    return !last.plus(time).isAfter(clock.get());
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
        count(entry -> entry.open && entry.cleanupAt != null),
        count(entry -> entry.waiting != null));
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
        was.family(),
        was.status(),
        was.version(),
        was.spawnedAt(),
        was.startedAt(),
        was.completedAt(),
        was.error(),
        was.timeouts(),
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
  public synchronized HeartbeatResult heartbeat(String agentId, Duration lease, Progress progress) {
    Entry entry = agents.get(agentId);
    if (entry == null) {
      return new HeartbeatResult.AgentNotFound();
    }
    if (entry.isFinal()) {
      return new HeartbeatResult.Finished(ending(entry));
    }
    entry.lastHeartbeatAt = clock.get();
    entry.lease = lease == null ? entry.lease : lease;
    entry.renew(entry.lastHeartbeatAt);
    if (progress != null && !progress.equals(entry.progress)) {
      entry.progress = progress;
      entry.progressAt = entry.lastHeartbeatAt;
    }
    return new HeartbeatResult.Renewed(
        new Heartbeat(agentId, entry.agent.status(), entry.expiresAt, entry.desired));
  }

  private static Ending ending(Entry entry) {
    Transition last = entry.history.get(entry.history.size() - 1);
    return new Ending(entry.agent.status(), last.reason(), last.error(), entry.killId);
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
            moved(
                entry, TransitionRequest.failed("lease expired, " + lastBeat(entry)), null, null));
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

  // Supervision -----------------------------------------------------------------------------------

  @Override
  public synchronized WaitingResult startWaiting(
      String agentId, Waiting waiting, IdempotencyKey key) {
    return once(key, () -> startWaiting(agentId, waiting));
  }

  private WaitingResult startWaiting(String agentId, Waiting waiting) {
    Entry entry = agents.get(agentId);
    if (entry == null) {
      return new WaitingResult.AgentNotFound();
    }
    if (entry.isFinal()) {
      return new WaitingResult.Finished(ending(entry));
    }
    if (entry.agent.status() != AgentStatus.RUNNING) {
      return new WaitingResult.NotRunning(entry.agent.status());
    }
    Instant now = clock.get();
    Instant since = entry.waiting == null ? now : entry.waiting.since();
    if (new Waiting(waiting.kind(), waiting.note(), waiting.url(), since).equals(entry.waiting)) {
      return new WaitingResult.Accepted(null, false);
    }
    entry.waiting = new Waiting(waiting.kind(), waiting.note(), waiting.url(), now);
    return new WaitingResult.Accepted(waitingEvent(entry, now), false);
  }

  @Override
  public synchronized WaitingResult endWaiting(String agentId, IdempotencyKey key) {
    return once(key, () -> endWaiting(agentId));
  }

  private WaitingResult endWaiting(String agentId) {
    Entry entry = agents.get(agentId);
    if (entry == null) {
      return new WaitingResult.AgentNotFound();
    }
    if (entry.isFinal()) {
      return new WaitingResult.Finished(ending(entry));
    }
    if (entry.waiting == null) {
      return new WaitingResult.Accepted(null, false);
    }
    entry.waiting = null;
    return new WaitingResult.Accepted(waitingEvent(entry, clock.get()), false);
  }

  private WaitingEvent waitingEvent(Entry entry, Instant at) {
    Agent agent = entry.agent;
    WaitingEvent event =
        new WaitingEvent(
            eventIds.get(), agent.agentId(), agent.taskId(), at, agent.version(), entry.waiting);
    feed.add(event, agent.labels());
    return event;
  }

  private WaitingResult once(IdempotencyKey key, Supplier<WaitingResult> call) {
    return records.execute(
        key,
        call,
        result -> result instanceof WaitingResult.Accepted,
        result -> new WaitingResult.Accepted(((WaitingResult.Accepted) result).event(), true),
        new WaitingResult.KeyReused());
  }

  @Override
  public synchronized DesiredResult setDesired(
      String agentId, DesiredRequest request, IdempotencyKey key) {
    return records.execute(
        key,
        () -> setDesired(agentId, request),
        result -> result instanceof DesiredResult.Accepted,
        result -> {
          DesiredResult.Accepted accepted = (DesiredResult.Accepted) result;
          return new DesiredResult.Accepted(accepted.desired(), accepted.event(), true);
        },
        new DesiredResult.KeyReused());
  }

  private DesiredResult setDesired(String agentId, DesiredRequest request) {
    Entry entry = agents.get(agentId);
    if (entry == null) {
      return new DesiredResult.AgentNotFound();
    }
    if (entry.isFinal()) {
      return new DesiredResult.Finished(ending(entry));
    }
    if (entry.isStopRequested() && request.mode() != Desired.Mode.STOPPED) {
      return new DesiredResult.StopRequested();
    }
    Instant now = clock.get();
    Instant deadline = request.grace() == null ? null : now.plus(request.grace());
    DesiredEvent event = desire(entry, request.mode(), deadline, request.reason(), null, now);
    return new DesiredResult.Accepted(entry.desired, event, false);
  }

  /** Returns the event, or null if nothing has changed. */
  private DesiredEvent desire(
      Entry entry, Desired.Mode mode, Instant deadline, String reason, String killId, Instant now) {
    Desired was = entry.desired;
    boolean sameMode = was != null && was.mode() == mode;
    if (sameMode && deadline != null && !deadline.isBefore(was.deadline())) {
      return null;
    }
    boolean keepsReason = sameMode && deadline != null && reason == null;
    Desired next =
        new Desired(
            mode, sameMode ? was.since() : now, deadline, keepsReason ? was.reason() : reason);
    if (next.equals(was)) {
      return null;
    }
    entry.desired = next;
    Agent agent = entry.agent;
    DesiredEvent event =
        new DesiredEvent(
            eventIds.get(), agent.agentId(), agent.taskId(), now, agent.version(), next, killId);
    feed.add(event, agent.labels());
    return event;
  }

  @Override
  public synchronized SweepResult<CommittedTransition> expireDeadlines(int limit) {
    Instant now = clock.get();
    List<Entry> due = due(Entry::deadline, now, limit);
    return new SweepResult<>(due.size(), due.stream().map(this::expire).toList());
  }

  private CommittedTransition expire(Entry entry) {
    if (entry.isStopRequested() && entry.deadline().equals(entry.desired.deadline())) {
      String reason = entry.desired.reason();
      String kill =
          entry.stopKills.isEmpty() ? null : entry.stopKills.get(entry.stopKills.size() - 1);
      return moved(
          entry, killed(reason == null ? "not stopped in time" : reason), "deadline", kill);
    }
    Timeouts timeouts = entry.agent.timeouts();
    String error =
        entry.agent.status() == AgentStatus.SPAWNING
            ? "not started within " + IsoDuration.format(timeouts.start())
            : "not finished within " + IsoDuration.format(timeouts.run());
    return moved(entry, TransitionRequest.failed(error), "deadline", null);
  }

  private static TransitionRequest killed(String reason) {
    return new TransitionRequest(AgentStatus.KILLED, null, reason, null);
  }

  @Override
  public synchronized SweepResult<CommittedTransition> killDependents(int limit) {
    List<CommittedTransition> killed = new ArrayList<>();
    for (Optional<Entry> next = nextDependent();
        killed.size() < limit && next.isPresent();
        next = nextDependent()) {
      Entry parent = next.get().parent;
      String reason = "parent " + parent.id() + " " + parent.agent.status().wireName();
      killed.add(moved(next.get(), killed(reason), "parent", null));
    }
    return new SweepResult<>(killed.size(), killed);
  }

  private Optional<Entry> nextDependent() {
    return agents.values().stream()
        .filter(entry -> entry.endsWithParent && !entry.isFinal() && entry.parent.isFinal())
        .findFirst();
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
    newestFirst()
        .filter(entry -> matches(request, entry))
        .forEach(request.tree() == null ? matching::addLast : matching::addFirst);
    KillProgress kill = new KillProgress(request, clock.get(), matching);
    kill.lastSequence = lastSequence;
    kills.put(killId, kill);
    return new StartKillResult.Started(killId);
  }

  private static boolean matches(KillRequest request, Entry entry) {
    Agent agent = entry.agent;
    return !entry.isFinal()
        && (request.taskId() == null || request.taskId().equals(agent.taskId()))
        && (request.status() == null || request.status() == agent.status())
        && (request.tree() == null
            || request.tree().equals(entry.id())
            || entry.ancestors().contains(request.tree()))
        && agent.labels().entrySet().containsAll(request.labels().entrySet());
  }

  private Stream<KillProgress> running() {
    return kills.values().stream().filter(KillProgress::isRunning);
  }

  @Override
  public synchronized KillStep step(String killId, int limit, List<AgentStatus> legalFrom) {
    KillProgress kill = kills.get(killId);
    if (kill == null || !kill.isScanning()) {
      return new KillStep(true, List.of(), List.of());
    }
    addNewDescendants(kill);
    List<CommittedTransition> killed = new ArrayList<>();
    List<DesiredEvent> stopping = new ArrayList<>();
    for (int scanned = 0; scanned < limit && !kill.pending.isEmpty(); scanned++) {
      Entry entry = kill.pending.peek();
      if (kill.request.dryRun()) {
        kill.pending.remove();
        kill.matched++;
      } else if (kill.deadline != null) {
        kill.pending.remove();
        kill.matched++;
        entry.stopKills.add(killId);
        DesiredEvent event = stop(entry, kill, killId);
        if (event != null) {
          stopping.add(event);
        }
      } else {
        killed.add(kill(killId, entry.id()));
      }
    }
    if (kill.pending.isEmpty()) {
      kill.scanned = true;
      if (kill.deadline == null || kill.request.dryRun()) {
        finish(killId);
      } else {
        finishIfAllStopped(kill);
      }
    }
    return new KillStep(!kill.isScanning(), killed, stopping);
  }

  private DesiredEvent stop(Entry entry, KillProgress kill, String killId) {
    return desire(
        entry, Desired.Mode.STOPPED, kill.deadline, kill.request.reason(), killId, clock.get());
  }

  /** A kill of a tree includes the agents that were registered after its start. */
  private void addNewDescendants(KillProgress kill) {
    if (kill.request.tree() == null) {
      return;
    }
    agents.values().stream()
        .filter(entry -> entry.sequence > kill.lastSequence && matches(kill.request, entry))
        .forEach(kill.pending::addLast);
    kill.lastSequence = lastSequence;
  }

  private void countStopped(String killId) {
    KillProgress kill = kills.get(killId);
    kill.killed++;
    finishIfAllStopped(kill);
  }

  private void finishIfAllStopped(KillProgress kill) {
    if (kill.scanned && kill.killed + kill.alreadyFinished >= kill.matched) {
      kill.finishedAt = clock.get();
    }
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
    return moved(entry, killed(reason), null, killId);
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
                    kill.finishedAt,
                    kill.deadline));
  }

  @Override
  public synchronized List<String> runningKills() {
    return kills.entrySet().stream()
        .filter(kill -> kill.getValue().isScanning())
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
