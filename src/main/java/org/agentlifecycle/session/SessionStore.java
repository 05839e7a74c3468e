package org.agentlifecycle.session;

import java.time.Duration;
import java.util.List;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.Change;
import org.agentlifecycle.agent.JsonText;

/** What sessions need of a store; the rules and errors are those of {@code AgentStore}. */
public interface SessionStore {

  /** Returns the session of that agent. */
  SessionResult findSession(String agentId);

  /**
   * Replaces the context of an open session.
   *
   * @return the session with the new context
   */
  SessionResult replaceContext(String agentId, JsonText context);

  /** Ends the session of a final agent on the runner's word. */
  CloseResult closeSession(String agentId);

  /**
   * Takes a sign of life of an agent and renews its lease.
   *
   * @param lease its length from now on; null: as before
   */
  HeartbeatResult heartbeat(String agentId, Duration lease);

  /**
   * Fails agents whose lease has run out, each once, whichever server asks. After an outage, in
   * which nobody could renew, each lease is renewed once first.
   *
   * @param limit how many at most
   * @param outage how long nobody may have asked before that was an outage
   */
  Batch<Change> expireLeases(int limit, Duration outage);

  /**
   * Purges agents that have been final for as long as they are kept, with all that is known of
   * them.
   *
   * @param limit how many at most
   * @return the events of sessions that were still open
   */
  Batch<AgentEvent> purge(int limit);

  /**
   * Ends sessions whose cleanup is due, each once, whichever server asks.
   *
   * @param limit how many at most
   * @return their events, oldest due first; fewer than the limit: nothing else is due
   */
  List<AgentEvent> cleanUpDue(int limit);
}
