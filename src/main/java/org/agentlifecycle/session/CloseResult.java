package org.agentlifecycle.session;

import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentStatus;

/** What the store says to the end of a session. Whatever is not {@link Closed} wrote nothing. */
public sealed interface CloseResult {

  /** The session is gone. */
  record Closed(AgentEvent event) implements CloseResult {}

  /** The agent is not final yet, so its session stays. */
  record NotFinished(AgentStatus current) implements CloseResult {}

  /** The agent has no open session. */
  record NoSession() implements CloseResult {}

  /** There is no such agent. */
  record NoAgent() implements CloseResult {}
}
