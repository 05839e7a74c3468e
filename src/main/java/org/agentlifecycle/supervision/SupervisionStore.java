package org.agentlifecycle.supervision;

import org.agentlifecycle.agent.CommittedTransition;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.agent.Waiting;
import org.agentlifecycle.session.SweepResult;

/** Store of the supervision. The rules and errors are those of {@code AgentStore}. */
public interface SupervisionStore {

  /**
   * Records that a running agent waits for somebody.
   *
   * @param waiting without its time
   * @param key idempotency key of the call; null: none
   */
  WaitingResult startWaiting(String agentId, Waiting waiting, IdempotencyKey key);

  /**
   * Records that an agent waits for nobody.
   *
   * @param key idempotency key of the call; null: none
   */
  WaitingResult endWaiting(String agentId, IdempotencyKey key);

  /**
   * Sets the desired state of an agent. A stop can only become earlier.
   *
   * @param key idempotency key of the call; null: none
   */
  DesiredResult setDesired(String agentId, DesiredRequest request, IdempotencyKey key);

  /**
   * Fails agents whose start or run deadline has passed, and kills agents that did not stop in
   * time, each once, on any number of servers.
   *
   * @param limit maximum number of agents
   */
  SweepResult<CommittedTransition> expireDeadlines(int limit);

  /**
   * Kills children of final agents that end with their parent, each once, on any number of servers.
   *
   * @param limit maximum number of children
   */
  SweepResult<CommittedTransition> killDependents(int limit);
}
