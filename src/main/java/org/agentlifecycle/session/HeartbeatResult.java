package org.agentlifecycle.session;

import org.agentlifecycle.agent.AgentStatus;

/** What the store says to a sign of life. Whatever is not {@link Taken} wrote nothing. */
public sealed interface HeartbeatResult {

  /** The lease is renewed. */
  record Taken(Heartbeat heartbeat) implements HeartbeatResult {}

  /** The agent is final: its runner should stop. */
  record Finished(AgentStatus status) implements HeartbeatResult {}

  /** There is no such agent. */
  record NoAgent() implements HeartbeatResult {}
}
