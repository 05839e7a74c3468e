package org.agentlifecycle.session;

import org.agentlifecycle.agent.Ending;

/** Result of a heartbeat. Only {@link Renewed} changed the store. */
public sealed interface HeartbeatResult {

  /** The lease is renewed. */
  record Renewed(Heartbeat heartbeat) implements HeartbeatResult {}

  /** The agent is final, and its runner should stop the process. */
  record Finished(Ending ending) implements HeartbeatResult {}

  /** There is no such agent. */
  record AgentNotFound() implements HeartbeatResult {}
}
