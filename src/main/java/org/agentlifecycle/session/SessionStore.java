package org.agentlifecycle.session;

import java.util.List;
import java.util.Optional;
import org.agentlifecycle.agent.AgentEvent;

/** What sessions need of a store; the rules and errors are those of {@code AgentStore}. */
public interface SessionStore {

  /** The open session of that agent. */
  Optional<Session> findSession(String agentId);

  /** Ends the session of a final agent on the runner's word. */
  CloseResult closeSession(String agentId);

  /**
   * Ends sessions whose cleanup is due, each once, whichever server asks.
   *
   * @param limit how many at most
   * @return their events, oldest due first; fewer than the limit: nothing else is due
   */
  List<AgentEvent> cleanUpDue(int limit);
}
