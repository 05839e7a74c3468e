package org.agentlifecycle.session;

import java.time.Duration;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentQuery;
import org.agentlifecycle.agent.CommittedTransition;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.agent.RawJson;

/** Store of sessions and leases. The rules and errors are those of {@code AgentStore}. */
public interface SessionStore {

  /** Returns the session of an agent. */
  SessionResult findSession(String agentId);

  /**
   * Returns one page of the agents that match the query, with their open sessions.
   *
   * @param withContext whether the sessions have their contexts
   */
  AgentSessionPage list(AgentQuery query, boolean withContext);

  /**
   * Replaces the context of an open session.
   *
   * @return the session with the new context
   */
  SessionResult replaceContext(String agentId, RawJson context);

  /**
   * Ends the session of a final agent, as its runner requests.
   *
   * @param key idempotency key of the call; null: none
   */
  EndSessionResult endSession(String agentId, IdempotencyKey key);

  /** Ends the session of a final agent, without an idempotency key. */
  default EndSessionResult endSession(String agentId) {
    return endSession(agentId, null);
  }

  /**
   * Renews the lease of an agent and records the heartbeat and the progress.
   *
   * @param lease length of the lease from now on; null: unchanged
   * @param progress null: unchanged
   */
  HeartbeatResult heartbeat(String agentId, Duration lease, Progress progress);

  /** Processes a heartbeat without progress. */
  default HeartbeatResult heartbeat(String agentId, Duration lease) {
    return heartbeat(agentId, lease, null);
  }

  /**
   * Fails agents whose lease has expired, each once, on any number of servers. A lease counts only
   * the time in which heartbeats were possible: an outage moves its deadline.
   *
   * @param limit maximum number of leases
   * @param outage time without a call of this method after which there was an outage
   */
  SweepResult<CommittedTransition> expireLeases(int limit, Duration outage);

  /**
   * Purges agents whose retention has passed, with their index entries.
   *
   * @param limit maximum number of agents
   * @return the events of sessions that were still open
   */
  SweepResult<AgentEvent> purge(int limit);

  /**
   * Ends sessions whose cleanup is due, each once, on any number of servers.
   *
   * @param limit maximum number of sessions
   * @return the events of the sessions that ended, the longest due first
   */
  SweepResult<AgentEvent> cleanUpDueSessions(int limit);

  /**
   * Checks the records of some agents and continues there at the next call. The index entries of a
   * lost record are removed. A damaged record is reported once.
   *
   * @param limit maximum number of agents
   */
  SweepResult<AgentEvent> checkRecords(int limit);

  /**
   * Returns the agents whose record is known to be damaged.
   *
   * @param limit maximum number of ids
   */
  DamagedRecords damagedRecords(int limit);
}
