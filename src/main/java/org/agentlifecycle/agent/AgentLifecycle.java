package org.agentlifecycle.agent;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.UUID;

/**
 * The life of agents: lock, one move in the store, event. All methods throw {@link
 * LifecycleException}.
 */
@ApplicationScoped
public class AgentLifecycle {
  private static final Logger LOG = System.getLogger(AgentLifecycle.class.getName());

  private final AgentStore store;
  private final AgentEvents events;
  private final AgentLocks locks;

  /** For the client proxy. */
  protected AgentLifecycle() {
    store = null;
    events = null;
    locks = null;
  }

  @Inject
  public AgentLifecycle(AgentStore store, AgentEvents events, AgentSettings settings) {
    this.store = store;
    this.events = events;
    this.locks = new AgentLocks(settings.lockPatience());
  }

  /** An id for an agent whose spawner did not choose one. */
  public static String newAgentId() {
    return UUID.randomUUID().toString();
  }

  /** Registers a spawned agent. */
  public Agent register(Registration registration) {
    String id = registration.agentId();
    return locks.holding(
        id,
        () ->
            store
                .register(registration)
                .map(this::announce)
                .orElseThrow(() -> LifecycleException.agentExists(id)));
  }

  /** Moves an agent; exactly one of the callers who ask for the same final status gets it. */
  public Agent move(String agentId, Move move) {
    return locks.holding(
        agentId,
        () -> {
          MoveResult result = store.move(agentId, move, move.to().sources());
          if (result instanceof MoveResult.Moved moved) {
            return announce(moved.change());
          }
          throw refusal(agentId, move, result);
        });
  }

  private static LifecycleException refusal(String agentId, Move move, MoveResult result) {
    if (result instanceof MoveResult.Refused refused) {
      return LifecycleException.illegalTransition(agentId, refused.current(), move.to());
    }
    if (result instanceof MoveResult.Stale stale) {
      return LifecycleException.versionMismatch(agentId, stale.version());
    }
    return LifecycleException.agentNotFound(agentId);
  }

  private Agent announce(Change change) {
    Agent agent = change.agent();
    AgentStatus from = change.event().from();
    LOG.log(
        level(agent.status()),
        "agent {0}: {1} -> {2}, version {3}",
        agent.agentId(),
        from == null ? "new" : from.wireName(),
        agent.status().wireName(),
        Long.toString(agent.version()));
    events.fire(change.event());
    return agent;
  }

  private static Level level(AgentStatus status) {
    return switch (status) {
      case SPAWNING, RUNNING, COMPLETED -> Level.INFO;
      case FAILED, KILLED -> Level.WARNING;
    };
  }

  /** The agent as it is now. */
  public Agent find(String agentId) {
    return store.find(agentId).orElseThrow(() -> LifecycleException.agentNotFound(agentId));
  }

  /** One page of the agents that the query selects. */
  public AgentPage list(AgentQuery query) {
    return store.list(query);
  }

  /** What happened to the agent, oldest first, its registration included. */
  public List<Transition> history(String agentId) {
    return store.history(agentId).orElseThrow(() -> LifecycleException.agentNotFound(agentId));
  }

  /** How many agents there are of each kind now. */
  public Stats stats() {
    return store.stats();
  }
}
