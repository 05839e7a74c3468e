package org.agentlifecycle.agent;

import java.util.List;
import java.util.Optional;

/**
 * What the lifecycle needs of a store. Each method is one atomic step and, where it changes
 * something, one round trip: state, indexes and the feed's event change together or not at all.
 * Timestamps are the store's own.
 *
 * <p>Every method throws {@link LifecycleException} with {@link
 * LifecycleException.Reason#STORE_UNAVAILABLE} where the store certainly did nothing, {@link
 * LifecycleException.Reason#OUTCOME_UNKNOWN} where it may have, and {@link
 * LifecycleException.Reason#STORE_FAULT} where it answered something that cannot be.
 */
public interface AgentStore {

  /**
   * Registers an agent as spawning and opens its session.
   *
   * @param key the caller's key; null where it has none
   */
  RegisterResult register(Registration registration, IdempotencyKey key);

  /**
   * Moves an agent.
   *
   * @param legalFrom the statuses from which the move is legal
   * @param key the caller's key; null where it has none
   */
  TransitionResult move(
      String agentId, TransitionRequest move, List<AgentStatus> legalFrom, IdempotencyKey key);

  /** The agent of that id. */
  Optional<Agent> find(String agentId);

  /** One page of the agents that the query selects. */
  AgentPage list(AgentQuery query);

  /** What happened to the agent of that id, oldest first, its registration included. */
  Optional<List<Transition>> history(String agentId);

  /** How many agents there are of each kind now. */
  Stats stats();

  /**
   * Removes an agent whose record cannot be read, with its index entries. A readable record is
   * never removed.
   */
  RemoveResult removeDamaged(String agentId);
}
