package org.agentlifecycle.batch;

import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.Desired;
import org.agentlifecycle.session.Heartbeat;

/** Result of one call of a batch. */
public sealed interface BatchResult {

  /** The agent is registered. */
  record Registered(Agent agent) implements BatchResult {}

  /** The transition is committed. */
  record Moved(Agent agent) implements BatchResult {}

  /** The lease is renewed. */
  record Renewed(Heartbeat heartbeat) implements BatchResult {}

  /** The desired state is set. */
  record DesiredSet(Desired desired) implements BatchResult {}

  /** The call is done. Its response has no content. */
  record Done() implements BatchResult {}

  /**
   * The call was rejected or failed.
   *
   * @param reason usually a {@code LifecycleException}
   */
  record Failed(RuntimeException reason) implements BatchResult {}
}
