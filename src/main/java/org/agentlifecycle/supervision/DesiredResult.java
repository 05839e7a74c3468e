package org.agentlifecycle.supervision;

import org.agentlifecycle.agent.Desired;
import org.agentlifecycle.agent.DesiredEvent;
import org.agentlifecycle.agent.Ending;

/** Result of a requested desired state. */
public sealed interface DesiredResult {

  /**
   * The call is accepted.
   *
   * @param desired the desired state after the call
   * @param event the event of the change; null: nothing has changed
   * @param replayed true: an earlier call with the same idempotency key made the change
   */
  record Accepted(Desired desired, DesiredEvent event, boolean replayed) implements DesiredResult {}

  /** A stop was requested and cannot be withdrawn. Nothing was changed. */
  record StopRequested() implements DesiredResult {}

  /** The agent is final. Nothing was changed. */
  record Finished(Ending ending) implements DesiredResult {}

  /** The idempotency key belongs to another call. Nothing was changed. */
  record KeyReused() implements DesiredResult {}

  /** There is no such agent. */
  record AgentNotFound() implements DesiredResult {}
}
