package org.agentlifecycle.kill;

import java.util.List;
import java.util.Optional;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.IdempotencyKey;

/** What bulk kills need of a store; the rules and errors are those of {@code AgentStore}. */
public interface KillStore {

  /**
   * Begins a kill: what it selects is settled in this step, whatever happens to the agents after
   * it.
   *
   * @param key the caller's key; null where it has none
   */
  StartKillResult start(String killId, KillRequest request, IdempotencyKey key);

  /**
   * Takes a kill one step further, whichever server asks.
   *
   * @param limit how many agents to look at
   * @param legalFrom the statuses from which killing is legal
   */
  KillStep step(String killId, int limit, List<AgentStatus> legalFrom);

  /** How far the kill of that id has come. */
  Optional<Kill> findKill(String killId);

  /** The ids of the kills that are at work. */
  List<String> runningKills();
}
