package org.agentlifecycle.session;

import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentStatus;

/** What the store says to the end of a session. Whatever is not {@link Ended} wrote nothing. */
public sealed interface EndSessionResult {

  /** The session is gone. */
  record Ended(AgentEvent event) implements EndSessionResult {}

  /** The agent is not final yet, so its session stays. */
  record NotFinished(AgentStatus current) implements EndSessionResult {}

  /** The agent has no open session. */
  record SessionNotFound() implements EndSessionResult {}

  /** There is no such agent. */
  record AgentNotFound() implements EndSessionResult {}
}
