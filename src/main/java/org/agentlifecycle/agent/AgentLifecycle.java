package org.agentlifecycle.agent;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import java.util.UUID;

/**
 * The life of agents: lock, one move in the store, event. All methods throw {@link
 * LifecycleException}.
 */
@ApplicationScoped
public class AgentLifecycle {
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
    this.locks = new AgentLocks(settings.lockTimeout());
  }

  /** An id for an agent whose spawner did not choose one. */
  public static String newAgentId() {
    return UUID.randomUUID().toString();
  }

  /**
   * Registers a spawned agent.
   *
   * @param once the caller's key; null where it has none
   */
  public Agent register(Registration registration, Once once) {
    String id = registration.agentId();
    return locks.holding(
        id,
        () -> {
          RegisterResult result = store.register(registration, once);
          if (result instanceof RegisterResult.Registered registered) {
            return announce(registered.change(), registered.again());
          }
          throw refusal(id, result);
        });
  }

  private static LifecycleException refusal(String agentId, RegisterResult result) {
    if (result instanceof RegisterResult.LimitReached reached) {
      return LifecycleException.admissionLimit(reached.limit());
    }
    if (result instanceof RegisterResult.Closed) {
      return LifecycleException.admissionClosed();
    }
    if (result instanceof RegisterResult.KeyReused) {
      return LifecycleException.keyReused();
    }
    return LifecycleException.agentExists(agentId);
  }

  /**
   * Moves an agent; exactly one of the callers who ask for the same final status gets it.
   *
   * @param once the caller's key; null where it has none
   */
  public Agent move(String agentId, Move move, Once once) {
    return locks.holding(
        agentId,
        () -> {
          MoveResult result = store.move(agentId, move, move.to().sources(), once);
          if (result instanceof MoveResult.Moved moved) {
            return announce(moved.change(), moved.again());
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
    if (result instanceof MoveResult.KeyReused) {
      return LifecycleException.keyReused();
    }
    return LifecycleException.agentNotFound(agentId);
  }

  private Agent announce(Change change, boolean again) {
    if (!again) {
      events.announce(change);
    }
    return change.agent();
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

  /**
   * Removes an agent whose record cannot be read. It is for an operator; no event is emitted.
   *
   * @throws LifecycleException if there is no such agent, or if its record can be read
   */
  public void removeDamaged(String agentId) {
    switch (store.removeDamaged(agentId)) {
      case REMOVED -> {}
      case READABLE -> throw LifecycleException.agentNotDamaged(agentId);
      case NOT_FOUND -> throw LifecycleException.agentNotFound(agentId);
    }
  }
}
