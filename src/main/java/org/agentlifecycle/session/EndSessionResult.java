package org.agentlifecycle.session;

import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentStatus;

/** Result of a request to end a session. Only {@link Ended} changed the store. */
public sealed interface EndSessionResult {

  /**
   * The session has ended.
   *
   * @param replayed true: an earlier call with the same idempotency key ended it
   */
  record Ended(AgentEvent event, boolean replayed) implements EndSessionResult {}

  /** The idempotency key belongs to another call. */
  record KeyReused() implements EndSessionResult {}

  /** The agent is active, and its session remains open. */
  record NotFinished(AgentStatus current) implements EndSessionResult {}

  /** The agent has no open session. */
  record SessionNotFound() implements EndSessionResult {}

  /** There is no such agent. */
  record AgentNotFound() implements EndSessionResult {}
}
