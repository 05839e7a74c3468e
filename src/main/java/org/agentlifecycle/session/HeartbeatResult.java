package org.agentlifecycle.session;

import org.agentlifecycle.agent.AgentStatus;

/** Result of a heartbeat. Only {@link Renewed} changed the store. */
public sealed interface HeartbeatResult {

  /** The lease is renewed. */
  record Renewed(Heartbeat heartbeat) implements HeartbeatResult {}

  /**
   * The agent is final, and its runner should stop the process.
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
