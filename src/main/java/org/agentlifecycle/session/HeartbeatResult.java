package org.agentlifecycle.session;

import org.agentlifecycle.agent.AgentStatus;

/** What the store says to a sign of life. Whatever is not {@link Renewed} wrote nothing. */
public sealed interface HeartbeatResult {

  /** The lease is renewed. */
  record Renewed(Heartbeat heartbeat) implements HeartbeatResult {}

  /**
   * The agent is final: its runner should stop the process.
   *
   * @param reason the reason of the last transition; null if there is none
   * @param error why the agent failed; null if it did not
   * @param killId the bulk kill that killed the agent; null if none did
   */
  record Finished(AgentStatus status, String reason, String error, String killId)
      implements HeartbeatResult {}

  /** There is no such agent. */
  record AgentNotFound() implements HeartbeatResult {}
}
