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
  private final AgentEventPublisher events;
  private final AgentLocks locks;

  /** For the client proxy. */
  protected AgentLifecycle() {
    store = null;
    events = null;
    locks = null;
  }

  @Inject
  public AgentLifecycle(AgentStore store, AgentEventPublisher events, AgentSettings settings) {
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
   * @param key the caller's key; null where it has none
   */
  public Agent register(Registration registration, IdempotencyKey key) {
    String id = registration.agentId();
    return locks.withLock(
        id,
        () -> {
          RegisterResult result = store.register(registration, key);
          if (result instanceof RegisterResult.Registered registered) {
            return publish(registered.change(), registered.replayed());
          }
          throw rejection(id, result);
        });
  }

  private static LifecycleException rejection(String agentId, RegisterResult result) {
    if (result instanceof RegisterResult.AdmissionLimitReached reached) {
      return LifecycleException.admissionLimit(reached.limit());
    }
    if (result instanceof RegisterResult.AdmissionClosed) {
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
   * @param key the caller's key; null where it has none
   */
  public Agent move(String agentId, TransitionRequest move, IdempotencyKey key) {
    return locks.withLock(
        agentId,
        () -> {
          TransitionResult result = store.move(agentId, move, move.to().sources(), key);
          if (result instanceof TransitionResult.Applied moved) {
            return publish(moved.change(), moved.replayed());
          }
          throw rejection(agentId, move, result);
        });
  }

  private static LifecycleException rejection(
      String agentId, TransitionRequest move, TransitionResult result) {
    if (result instanceof TransitionResult.Illegal refused) {
      return LifecycleException.illegalTransition(agentId, refused.current(), move.to());
    }
    if (result instanceof TransitionResult.VersionMismatch stale) {
      return LifecycleException.versionMismatch(agentId, stale.version());
    }
    if (result instanceof TransitionResult.KeyReused) {
      return LifecycleException.keyReused();
    }
    return LifecycleException.agentNotFound(agentId);
  }

  private Agent publish(CommittedTransition change, boolean replayed) {
    if (!replayed) {
      events.publish(change);
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
