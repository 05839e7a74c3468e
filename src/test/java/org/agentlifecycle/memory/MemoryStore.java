package org.agentlifecycle.memory;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentPage;
import org.agentlifecycle.agent.AgentQuery;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.AgentStore;
import org.agentlifecycle.agent.Change;
import org.agentlifecycle.agent.JsonText;
import org.agentlifecycle.agent.Move;
import org.agentlifecycle.agent.MoveResult;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.Stats;
import org.agentlifecycle.agent.Transition;
import org.agentlifecycle.feed.FeedStore;
import org.agentlifecycle.session.CloseResult;
import org.agentlifecycle.session.Session;
import org.agentlifecycle.session.SessionStore;

/** What a store must do, as plainly as it can be said. */
public final class MemoryStore implements AgentStore, SessionStore, FeedStore {

  /** An agent with what the store knows beside it. */
  private static final class Entry {
    private final long sequence;
    private final List<Transition> history = new ArrayList<>();
    private Agent agent;
    private JsonText context;
    private boolean open = true;
    private Instant cleanupAt;

    Entry(long sequence, Agent agent, JsonText context) {
      this.sequence = sequence;
      this.agent = agent;
      this.context = context;
    }

    boolean isDue(Instant now) {
      return open && cleanupAt != null && !cleanupAt.isAfter(now);
    }
  }

  private final Duration cleanupDelay;
  private final Supplier<Instant> clock;
  private final Supplier<String> eventIds;
  private final Map<String, Entry> agents = new LinkedHashMap<>();
  private final List<AgentEvent> feed = new ArrayList<>();
  private final List<AgentEvent> channel = new ArrayList<>();

  /** A store by the machine's clock. */
  public MemoryStore(Duration cleanupDelay) {
    this(cleanupDelay, () -> Instant.now().truncatedTo(ChronoUnit.MILLIS), counting());
  }

  /**
   * @param clock what time it is, in milliseconds
   * @param eventIds the feed's next id
   */
  public MemoryStore(Duration cleanupDelay, Supplier<Instant> clock, Supplier<String> eventIds) {
    this.cleanupDelay = cleanupDelay;
    this.clock = clock;
    this.eventIds = eventIds;
  }

  private static Supplier<String> counting() {
    AtomicLong last = new AtomicLong();
    return () -> last.incrementAndGet() + "-0";
  }

  /** Every event, oldest first. */
  public synchronized List<AgentEvent> feed() {
    return List.copyOf(feed);
  }

  /** What was forwarded, oldest first. */
  public synchronized List<AgentEvent> channel() {
    return List.copyOf(channel);
  }

  @Override
  public synchronized Optional<Change> register(Registration asked) {
    if (agents.containsKey(asked.agentId())) {
      return Optional.empty();
    }
    Agent agent =
        new Agent(
            asked.agentId(),
            asked.taskId(),
            AgentStatus.SPAWNING,
            1,
            clock.get(),
            null,
            null,
            null,
            asked.labels(),
            asked.metadata());
    Entry entry = new Entry(agents.size() + 1L, agent, asked.session());
    agents.put(asked.agentId(), entry);
    return Optional.of(committed(entry, null, null, agent.spawnedAt()));
  }

  @Override
  public synchronized MoveResult move(String agentId, Move move, List<AgentStatus> legalFrom) {
    Entry entry = agents.get(agentId);
    if (entry == null) {
      return new MoveResult.Missing();
    }
    Agent was = entry.agent;
    if (move.ifVersion() != null && !move.ifVersion().contains(was.version())) {
      return new MoveResult.Stale(was.version());
    }
    if (!legalFrom.contains(was.status())) {
      return new MoveResult.Refused(was.status());
    }
    Instant now = clock.get();
    boolean starts = move.to() == AgentStatus.RUNNING && was.startedAt() == null;
    boolean ends = move.to().isFinal();
    entry.agent =
        new Agent(
            agentId,
            was.taskId(),
            move.to(),
            was.version() + 1,
            was.spawnedAt(),
            starts ? now : was.startedAt(),
            ends ? now : was.completedAt(),
            move.error(),
            was.labels(),
            was.metadata());
    if (ends) {
      entry.cleanupAt = now.plus(cleanupDelay);
    }
    return new MoveResult.Moved(committed(entry, was.status(), move.reason(), now));
  }

  private Change committed(Entry entry, AgentStatus from, String reason, Instant at) {
    Agent agent = entry.agent;
    AgentEvent event =
        new AgentEvent(
            eventIds.get(),
            AgentEvent.Type.of(agent.status()),
            agent.agentId(),
            agent.taskId(),
            at,
            agent.error(),
            agent.version(),
            from,
            agent.status(),
            reason,
            null,
            null,
            null);
    feed.add(event);
    entry.history.add(
        new Transition(
            agent.version(), from, agent.status(), at, null, reason, agent.error(), event.id()));
    return new Change(agent, event);
  }

  @Override
  public synchronized Optional<Agent> find(String agentId) {
    return Optional.ofNullable(agents.get(agentId)).map(entry -> entry.agent);
  }

  @Override
  public synchronized AgentPage list(AgentQuery query) {
    List<Entry> selected =
        agents.values().stream()
            .filter(entry -> entry.sequence < query.before() && selects(query, entry))
            .sorted(Comparator.comparing((Entry entry) -> entry.sequence).reversed())
            .toList();
    List<Entry> page = selected.subList(0, Math.min(query.limit(), selected.size()));
    boolean more = page.size() < selected.size();
    return new AgentPage(
        page.stream().map(entry -> entry.agent).toList(),
        more ? page.get(page.size() - 1).sequence : null);
  }

  private static boolean selects(AgentQuery query, Entry entry) {
    Agent agent = entry.agent;
    return (query.statuses().isEmpty() || query.statuses().contains(agent.status()))
        && (query.taskId() == null || query.taskId().equals(agent.taskId()))
        && (query.sessionOpen() == null || query.sessionOpen() == entry.open)
        && query.labels().entrySet().stream()
            .allMatch(
                asked ->
                    asked.getValue().stream()
                        .allMatch(value -> value.equals(agent.labels().get(asked.getKey()))));
  }

  @Override
  public synchronized Optional<List<Transition>> history(String agentId) {
    return Optional.ofNullable(agents.get(agentId)).map(entry -> List.copyOf(entry.history));
  }

  @Override
  public synchronized Stats stats() {
    return new Stats(
        count(AgentStatus.SPAWNING),
        count(AgentStatus.RUNNING),
        count(AgentStatus.COMPLETED),
        count(AgentStatus.FAILED),
        count(AgentStatus.KILLED),
        agents.values().stream().filter(entry -> entry.open).count(),
        agents.values().stream().filter(entry -> entry.open && entry.cleanupAt != null).count());
  }

  private long count(AgentStatus status) {
    return agents.values().stream().filter(entry -> entry.agent.status() == status).count();
  }

  @Override
  public synchronized Optional<Session> findSession(String agentId) {
    return Optional.ofNullable(agents.get(agentId))
        .filter(entry -> entry.open)
        .map(
            entry ->
                new Session(
                    agentId, entry.agent.spawnedAt(), null, null, entry.cleanupAt, entry.context));
  }

  @Override
  public synchronized CloseResult closeSession(String agentId) {
    Entry entry = agents.get(agentId);
    if (entry == null) {
      return new CloseResult.NoAgent();
    }
    if (!entry.open) {
      return new CloseResult.NoSession();
    }
    if (!entry.agent.status().isFinal()) {
      return new CloseResult.NotFinished(entry.agent.status());
    }
    return new CloseResult.Closed(ended(entry, true));
  }

  @Override
  public synchronized List<AgentEvent> cleanUpDue(int limit) {
    Instant now = clock.get();
    return agents.values().stream()
        .filter(entry -> entry.isDue(now))
        .sorted(
            Comparator.comparing((Entry entry) -> entry.cleanupAt)
                .thenComparing(entry -> entry.agent.agentId()))
        .limit(limit)
        .toList()
        .stream()
        .map(entry -> ended(entry, false))
        .toList();
  }

  private AgentEvent ended(Entry entry, boolean confirmed) {
    entry.open = false;
    Agent agent = entry.agent;
    AgentEvent event =
        new AgentEvent(
            eventIds.get(),
            AgentEvent.Type.CLEANUP,
            agent.agentId(),
            agent.taskId(),
            clock.get(),
            null,
            agent.version(),
            null,
            null,
            null,
            null,
            null,
            confirmed);
    feed.add(event);
    return event;
  }

  @Override
  public synchronized int forward(int limit) {
    int from = channel.size();
    int to = Math.min(feed.size(), from + limit);
    channel.addAll(feed.subList(from, to));
    return to - from;
  }
}
