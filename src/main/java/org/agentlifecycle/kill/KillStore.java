package org.agentlifecycle.kill;

import java.util.List;
import java.util.Optional;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.IdempotencyKey;

/** Store of bulk kills. The rules and errors are those of {@code AgentStore}. */
public interface KillStore {

  /**
   * Starts a bulk kill. This step determines which agents match, so that later changes of an agent
   * have no effect on the selection.
   *
   * @param key idempotency key of the call; null: none
   */
  StartKillResult start(String killId, KillRequest request, IdempotencyKey key);

  /**
   * Performs one step of a kill. Any server may call it.
   *
   * @param limit maximum number of agents that the step scans
   * @param legalFrom the statuses from which the transition to killed is legal
   */
  KillStep step(String killId, int limit, List<AgentStatus> legalFrom);

  /** Returns the progress of a kill, or empty if there is none with this id. */
  Optional<Kill> findKill(String killId);

  /** Returns the ids of the kills that have not reached all agents. */
  List<String> runningKills();
}
