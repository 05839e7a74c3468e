package org.agentlifecycle.agent;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.function.Function;

/**
 * Registers and moves agents: it takes the lock of the agent, performs the transition in the store
 * and publishes its event. All methods throw {@link LifecycleException}.
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

  /**
   * Registers an agent. A registration without an id gets a generated id, and needs no lock because
   * no other caller knows the id.
   *
   * @param key idempotency key of the call; null: none
   */
  public Agent register(Registration registration, IdempotencyKey key) {
    if (registration.agentId() == null) {
      return commit(registration.withGeneratedId(), key);
    }
    return locks.withLock(registration.agentId(), () -> commit(registration, key));
  }

  private Agent commit(Registration registration, IdempotencyKey key) {
    return complete(registration, store.register(registration, key));
  }

  /** Publishes the event of a registration, or throws its rejection. It is for batches. */
  public Agent complete(Registration registration, RegisterResult result) {
    if (result instanceof RegisterResult.Registered registered) {
      return publish(registered.transition(), registered.replayed());
    }
    throw rejection(registration, result);
  }

  private static LifecycleException rejection(Registration registration, RegisterResult result) {
    if (result instanceof RegisterResult.AdmissionLimitReached reached) {
      return LifecycleException.admissionLimit(reached.limit());
    }
    if (result instanceof RegisterResult.AdmissionClosed) {
      return LifecycleException.admissionClosed();
    }
    if (result instanceof RegisterResult.KeyReused) {
      return LifecycleException.keyReused();
    }
    if (result instanceof RegisterResult.ParentNotActive) {
      return LifecycleException.parentNotActive(registration.parent().agentId());
    }
    if (result instanceof RegisterResult.TreeTooDeep) {
      return LifecycleException.treeTooDeep();
    }
    return LifecycleException.agentExists(registration.agentId());
  }

  /**
   * Moves an agent. Of several callers that request final statuses, exactly one succeeds.
   *
   * @param key idempotency key of the call; null: none
   */
  public Agent move(String agentId, TransitionRequest request, IdempotencyKey key) {
    return locks.withLock(
        agentId,
        () ->
            complete(agentId, request, store.move(agentId, request, request.to().sources(), key)));
  }

  /** Publishes the event of a transition, or throws its rejection. It is for batches. */
  public Agent complete(String agentId, TransitionRequest request, TransitionResult result) {
    if (result instanceof TransitionResult.Applied applied) {
      return publish(applied.transition(), applied.replayed());
    }
    throw rejection(agentId, request, result);
  }

  private static LifecycleException rejection(
      String agentId, TransitionRequest request, TransitionResult result) {
    if (result instanceof TransitionResult.Illegal illegal) {
      return LifecycleException.illegalTransition(agentId, illegal.current(), request.to());
    }
    if (result instanceof TransitionResult.VersionMismatch mismatch) {
      return LifecycleException.versionMismatch(agentId, mismatch.version());
    }
    if (result instanceof TransitionResult.KeyReused) {
      return LifecycleException.keyReused();
    }
    return LifecycleException.agentNotFound(agentId);
  }

  /**
   * Runs an action with the locks of several agents. Two callers never wait for each other.
   *
   * @param timeout how long the caller waits for all locks together
   * @param action receives the agents whose lock was not acquired; it must not change them
   */
  public <T> T withLocks(
      SortedSet<String> agentIds, Duration timeout, Function<Set<String>, T> action) {
    return locks.withLocks(agentIds, timeout, action);
  }

  private Agent publish(CommittedTransition transition, boolean replayed) {
    if (!replayed) {
      events.publish(transition);
    }
    return transition.agent();
  }

  /** Returns the agent. */
  public Agent find(String agentId) {
    return store.find(agentId).orElseThrow(() -> LifecycleException.agentNotFound(agentId));
  }

  /** Returns one page of the agents that match the query. */
  public AgentPage list(AgentQuery query) {
    return store.list(query);
  }

  /** Returns the transitions of the agent, oldest first, including its registration. */
  public List<Transition> history(String agentId) {
    return store.history(agentId).orElseThrow(() -> LifecycleException.agentNotFound(agentId));
  }

  /** Returns the numbers of agents and sessions. */
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
