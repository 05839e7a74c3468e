package org.agentlifecycle.memory;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
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
  private static final DateTimeFormatter MILLIS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private final StoreSettings settings;
  private final Supplier<Instant> clock;
  private final Supplier<String> eventIds;
  private final InMemoryIdempotencyRecords records;
  private final InMemoryFeed feed = new InMemoryFeed();
  private final Map<String, InMemoryAgent> agents = new LinkedHashMap<>();
  private final InMemoryKills kills;
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
    this.kills = new InMemoryKills(new KilledAgents(), clock, settings.retention());
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
    InMemoryAgent parentEntry = parent == null ? null : agents.get(parent.agentId());
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
    InMemoryAgent entry = new InMemoryAgent(agent, registration, parentEntry);
    entry.lease = registration.lease() == null ? settings.defaultLease() : registration.lease();
    entry.renew(now);
    agents.put(registration.agentId(), entry);
    return new RegisterResult.Registered(committed(entry, null, null, null, null, now), false);
  }

  private static Family family(String agentId, InMemoryAgent parent) {
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
    InMemoryAgent entry = agents.get(agentId);
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
      InMemoryAgent entry, TransitionRequest move, String actor, String killId) {
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
      kills.onFinal(entry);
    }
    return committed(entry, was.status(), move.reason(), actor, killId, now);
  }

  private CommittedTransition committed(
      InMemoryAgent entry,
      AgentStatus from,
      String reason,
      String actor,
      String killId,
      Instant at) {
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
    List<InMemoryAgent> matching =
        newestFirst()
            .filter(entry -> entry.sequence < query.before() && matches(query, entry))
            .toList();
    List<InMemoryAgent> page = matching.subList(0, Math.min(query.limit(), matching.size()));
    boolean more = page.size() < matching.size();
    return new AgentPage(
        page.stream().map(entry -> entry.agent).toList(),
        more ? page.get(page.size() - 1).sequence : null);
  }

  private Stream<InMemoryAgent> newestFirst() {
    return agents.values().stream()
        .sorted(Comparator.comparing((InMemoryAgent entry) -> entry.sequence).reversed());
  }

  private boolean matches(AgentQuery query, InMemoryAgent entry) {
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

  private boolean matches(SupervisionFilter filter, InMemoryAgent entry) {
    Family family = entry.agent.family();
    return (filter.parentId() == null || filter.parentId().equals(family.parentId()))
        && (filter.rootId() == null || filter.rootId().equals(family.rootId()))
        && (filter.waitingFor().isEmpty()
            || entry.waiting != null && filter.waitingFor().contains(entry.waiting.kind()))
        && (filter.stalledFor() == null || isStalled(entry, filter.stalledFor()));
  }

  private boolean isStalled(InMemoryAgent entry, Duration time) {
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

  private long count(Predicate<InMemoryAgent> which) {
    return agents.values().stream().filter(which).count();
  }

  @Override
  public synchronized RemoveResult removeDamaged(String agentId) {
    return agents.containsKey(agentId) ? RemoveResult.READABLE : RemoveResult.NOT_FOUND;
  }

  // Sessions --------------------------------------------------------------------------------------

  @Override
  public synchronized SessionResult findSession(String agentId) {
    InMemoryAgent entry = agents.get(agentId);
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
                  InMemoryAgent entry = agents.get(agent.agentId());
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
    InMemoryAgent entry = agents.get(agentId);
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
  private List<InMemoryAgent> due(Function<InMemoryAgent, Instant> time, Instant now, int limit) {
    return agents.values().stream()
        .filter(entry -> time.apply(entry) != null && !time.apply(entry).isAfter(now))
        .sorted(Comparator.comparing(time).thenComparing(InMemoryAgent::id))
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

  private AgentEvent ended(InMemoryAgent entry, boolean confirmed) {
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
    InMemoryAgent entry = agents.get(agentId);
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

  private static Ending ending(InMemoryAgent entry) {
    Transition last = entry.history.get(entry.history.size() - 1);
    return new Ending(entry.agent.status(), last.reason(), last.error(), entry.killId);
  }

  @Override
  public synchronized SweepResult<CommittedTransition> expireLeases(int limit, Duration outage) {
    Instant now = clock.get();
    outages.observe(now, outage);
    List<InMemoryAgent> due = due(entry -> entry.expiresAt, now, limit);
    List<CommittedTransition> failed = new ArrayList<>();
    for (InMemoryAgent entry : due) {
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

  private static String lastBeat(InMemoryAgent entry) {
    return entry.lastHeartbeatAt == null
        ? "no heartbeat"
        : "last heartbeat " + MILLIS.format(entry.lastHeartbeatAt);
  }

  @Override
  public synchronized SweepResult<AgentEvent> purge(int limit) {
    Instant until = clock.get().minus(settings.retention());
    List<InMemoryAgent> due = due(entry -> entry.agent.completedAt(), until, limit);
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
    InMemoryAgent entry = agents.get(agentId);
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
    InMemoryAgent entry = agents.get(agentId);
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

  private WaitingEvent waitingEvent(InMemoryAgent entry, Instant at) {
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
    InMemoryAgent entry = agents.get(agentId);
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
      InMemoryAgent entry,
      Desired.Mode mode,
      Instant deadline,
      String reason,
      String killId,
      Instant now) {
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
    List<InMemoryAgent> due = due(InMemoryAgent::deadline, now, limit);
    return new SweepResult<>(due.size(), due.stream().map(this::expire).toList());
  }

  private CommittedTransition expire(InMemoryAgent entry) {
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
    for (Optional<InMemoryAgent> next = nextDependent();
        killed.size() < limit && next.isPresent();
        next = nextDependent()) {
      String reason = "parent " + next.get().parent.id() + " " + ending(next.get().parent.id());
      killed.add(moved(next.get(), killed(reason), "parent", null));
    }
    return new SweepResult<>(killed.size(), killed);
  }

  /** Returns the final status of a parent, which is unknown after the purge. */
  private String ending(String agentId) {
    InMemoryAgent agent = agents.get(agentId);
    return agent != null && agent.isFinal() ? agent.agent.status().wireName() : "ended";
  }

  /** The parents that ended first are first. */
  private Optional<InMemoryAgent> nextDependent() {
    return agents.values().stream()
        .filter(entry -> entry.endsWithParent && !entry.isFinal() && entry.parent.isFinal())
        .min(
            Comparator.comparing((InMemoryAgent entry) -> entry.parent.agent.completedAt())
                .thenComparing(entry -> entry.parent.id())
                .thenComparing(entry -> entry.sequence));
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
    return kills.start(killId, request, lastSequence);
  }

  @Override
  public synchronized KillStep step(String killId, int limit, List<AgentStatus> legalFrom) {
    return kills.step(killId, limit);
  }

  /** Kills one matching agent that the kill has not reached. */
  public synchronized CommittedTransition kill(String killId, String agentId) {
    return kills.kill(killId, agents.get(agentId));
  }

  /** Counts the remaining agents of a dry run, and finishes the kill. */
  public synchronized void finish(String killId) {
    kills.finish(killId);
  }

  @Override
  public synchronized Optional<Kill> findKill(String killId) {
    return kills.find(killId);
  }

  @Override
  public synchronized List<String> runningKills() {
    return kills.runningIds();
  }

  /** What bulk kills do to the agents. */
  private final class KilledAgents implements InMemoryKills.Agents {
    @Override
    public Stream<InMemoryAgent> newestFirst() {
      return InMemoryStore.this.newestFirst();
    }

    @Override
    public CommittedTransition kill(InMemoryAgent agent, String reason, String killId) {
      return moved(agent, killed(reason), null, killId);
    }

    @Override
    public DesiredEvent stop(InMemoryAgent agent, Instant deadline, String reason, String killId) {
      return desire(agent, Desired.Mode.STOPPED, deadline, reason, killId, clock.get());
    }
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
