package org.agentlifecycle.memory;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.CommittedTransition;
import org.agentlifecycle.agent.DesiredEvent;
import org.agentlifecycle.kill.Kill;
import org.agentlifecycle.kill.KillRequest;
import org.agentlifecycle.kill.KillStep;
import org.agentlifecycle.kill.StartKillResult;

/** Bulk kills of the in-memory store. */
final class InMemoryKills {
  private static final int MAX_SCANNING = 32;

  /** The agents of the store, and what a kill does to them. */
  interface Agents {

    /** Returns all agents, newest first. */
    Stream<InMemoryAgent> newestFirst();

    CommittedTransition kill(InMemoryAgent agent, String reason, String killId);

    /** Requests a stop and returns its event; null if the agent must stop earlier. */
    DesiredEvent stop(InMemoryAgent agent, Instant deadline, String reason, String killId);
  }

  private static final class Progress {
    private final KillRequest request;
    private final Instant startedAt;
    private final Instant deadline;

    /** The agents that matched at the start and that the kill has not reached yet. */
    private final Set<InMemoryAgent> pending;

    /** Sequence of the newest agent at the start. */
    private final long newest;

    /** Sequence up to which a kill of a tree has scanned. */
    private long position;

    private boolean scanned;
    private Instant finishedAt;
    private long matched;
    private long killed;
    private long alreadyFinished;

    Progress(KillRequest request, Instant startedAt, Set<InMemoryAgent> pending, long newest) {
      this.request = request;
      this.startedAt = startedAt;
      this.pending = pending;
      this.newest = newest;
      this.deadline = request.grace() == null ? null : startedAt.plus(request.grace());
    }

    boolean isRunning() {
      return finishedAt == null;
    }

    boolean isScanning() {
      return isRunning() && !scanned;
    }

    boolean hasGrace() {
      return deadline != null && !request.dryRun();
    }

    /** Takes an agent that the kill reaches. A kill of a tree includes agents of a later time. */
    boolean take(InMemoryAgent agent) {
      boolean isLater = request.tree() != null && agent.sequence > newest;
      return pending.remove(agent) || isLater && matches(request, agent);
    }
  }

  private final Map<String, Progress> kills = new LinkedHashMap<>();
  private final Agents agents;
  private final Supplier<Instant> clock;
  private final Duration retention;

  InMemoryKills(Agents agents, Supplier<Instant> clock, Duration retention) {
    this.agents = agents;
    this.clock = clock;
    this.retention = retention;
  }

  int size() {
    return kills.size();
  }

  StartKillResult start(String killId, KillRequest request, long newest) {
    if (running().size() >= MAX_SCANNING) {
      return new StartKillResult.TooManyKills();
    }
    Set<InMemoryAgent> matching = new LinkedHashSet<>();
    agents.newestFirst().filter(agent -> matches(request, agent)).forEach(matching::add);
    kills.put(killId, new Progress(request, clock.get(), matching, newest));
    return new StartKillResult.Started(killId);
  }

  private static boolean matches(KillRequest request, InMemoryAgent entry) {
    Agent agent = entry.agent;
    return !entry.isFinal()
        && (request.taskId() == null || request.taskId().equals(agent.taskId()))
        && (request.status() == null || request.status() == agent.status())
        && (request.tree() == null || isInTree(request.tree(), entry))
        && agent.labels().entrySet().containsAll(request.labels().entrySet());
  }

  private static boolean isInTree(String top, InMemoryAgent agent) {
    return top.equals(agent.id()) || agent.ancestors().contains(top);
  }

  KillStep step(String killId, int limit) {
    Progress kill = kills.get(killId);
    if (kill == null || !kill.isScanning()) {
      return new KillStep(true, List.of(), List.of());
    }
    List<CommittedTransition> killed = new ArrayList<>();
    List<DesiredEvent> stopping = new ArrayList<>();
    List<InMemoryAgent> reached = next(kill, limit);
    for (InMemoryAgent agent : reached) {
      if (!kill.take(agent)) {
        continue;
      }
      kill.matched++;
      if (kill.hasGrace()) {
        agent.stopKills.add(killId);
        DesiredEvent event = agents.stop(agent, kill.deadline, kill.request.reason(), killId);
        if (event != null) {
          stopping.add(event);
        }
      } else if (!kill.request.dryRun()) {
        kill.killed++;
        killed.add(agents.kill(agent, kill.request.reason(), killId));
      }
    }
    if (reached.size() < limit) {
      endScan(kill);
    }
    return new KillStep(!kill.isScanning(), killed, stopping);
  }

  /** Returns the next agents of a scan. A kill of a tree reaches ancestors first. */
  private List<InMemoryAgent> next(Progress kill, int limit) {
    if (kill.request.tree() == null) {
      return kill.pending.stream().limit(limit).toList();
    }
    List<InMemoryAgent> next =
        agents
            .newestFirst()
            .filter(agent -> agent.sequence > kill.position && isInTree(kill.request.tree(), agent))
            .sorted(Comparator.comparing((InMemoryAgent agent) -> agent.sequence))
            .limit(limit)
            .toList();
    if (!next.isEmpty()) {
      kill.position = next.get(next.size() - 1).sequence;
    }
    return next;
  }

  private void endScan(Progress kill) {
    kill.scanned = true;
    if (!kill.hasGrace() || kill.killed >= kill.matched - kill.alreadyFinished) {
      kill.finishedAt = clock.get();
    }
  }

  /** Counts an agent that became final. */
  void onFinal(InMemoryAgent agent) {
    for (Progress kill : running()) {
      if (kill.pending.remove(agent)) {
        kill.matched++;
        kill.alreadyFinished += kill.request.dryRun() ? 0 : 1;
      }
    }
    for (String killId : agent.stopKills) {
      Progress kill = kills.get(killId);
      kill.killed++;
      if (kill.scanned) {
        endScan(kill);
      }
    }
  }

  /** Kills one matching agent that the kill has not reached. */
  CommittedTransition kill(String killId, InMemoryAgent agent) {
    Progress kill = kills.get(killId);
    if (!kill.take(agent)) {
      throw new IllegalArgumentException(killId + " does not match " + agent.id());
    }
    kill.matched++;
    kill.killed++;
    return agents.kill(agent, kill.request.reason(), killId);
  }

  /** Counts the remaining agents of a dry run, and finishes the kill. */
  void finish(String killId) {
    Progress kill = kills.get(killId);
    if (kill.request.dryRun()) {
      kill.matched += kill.pending.size();
      kill.pending.clear();
    }
    if (!kill.pending.isEmpty()) {
      throw new IllegalStateException(killId + " has not reached all agents");
    }
    endScan(kill);
  }

  Optional<Kill> find(String killId) {
    Instant until = clock.get().minus(retention);
    for (Iterator<Progress> all = kills.values().iterator(); all.hasNext(); ) {
      Progress kill = all.next();
      if (!kill.isRunning() && !kill.finishedAt.isAfter(until)) {
        all.remove();
      }
    }
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

  private List<Progress> running() {
    return kills.values().stream().filter(Progress::isScanning).toList();
  }

  List<String> runningIds() {
    return kills.entrySet().stream()
        .filter(kill -> kill.getValue().isScanning())
        .map(Map.Entry::getKey)
        .toList();
  }
}
