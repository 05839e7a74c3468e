package org.agentlifecycle.session;

import java.util.Optional;

/** Reply of the store to a call about one session. */
public sealed interface SessionResult {

  /** The session, if it is open. */
  default Optional<Session> session() {
    return Optional.empty();
  }

  /** The session is open. */
  record Open(Session value) implements SessionResult {
    @Override
    public Optional<Session> session() {
      return Optional.of(value);
    }
  }

  /** The session of the agent has ended. Nothing was changed. */
  record SessionNotFound() implements SessionResult {}

  /** There is no such agent. Nothing was changed. */
  record AgentNotFound() implements SessionResult {}
}
