package org.agentlifecycle.agent;

import java.util.List;
import java.util.Optional;

/**
 * Store of agents. Each method is one atomic step and, if it changes something, one round trip: the
 * agent, its index entries and the event of the feed change together or not at all. Timestamps are
 * those of the store's clock.
 *
 * <p>Every method throws {@link LifecycleException} with these reasons:
 *
 * <ul>
 *   <li>{@link LifecycleException.Reason#STORE_UNAVAILABLE}: nothing was changed.
 *   <li>{@link LifecycleException.Reason#OUTCOME_UNKNOWN}: the change may have been applied.
 *   <li>{@link LifecycleException.Reason#STORE_FAULT}: the reply is invalid.
 * </ul>
 */
public interface AgentStore {

  /**
   * Registers an agent in status spawning and opens its session.
   *
   * @param key idempotency key of the call; null: none
   */
  RegisterResult register(Registration registration, IdempotencyKey key);

  /**
   * Moves an agent.
   *
   * @param legalFrom the statuses from which the transition is legal
   * @param key idempotency key of the call; null: none
   */
  TransitionResult move(
      String agentId, TransitionRequest request, List<AgentStatus> legalFrom, IdempotencyKey key);

  /** Returns the agent, or empty if there is none with this id. */
  Optional<Agent> find(String agentId);

  /** Returns one page of the agents that match the query. */
  AgentPage list(AgentQuery query);

  /** Returns the transitions of the agent, oldest first, or empty if there is no such agent. */
  Optional<List<Transition>> history(String agentId);

  /** Returns the numbers of agents and sessions. */
  Stats stats();

  /**
   * Removes an agent whose record cannot be read, with its index entries. A readable record is not
   * removed.
   */
  RemoveResult removeDamaged(String agentId);
}
