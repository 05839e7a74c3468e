package org.agentlifecycle.supervision;

import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.Ending;
import org.agentlifecycle.agent.WaitingEvent;

/** Result of the start or the end of waiting. */
public sealed interface WaitingResult {

  /**
   * The call is accepted.
   *
   * @param event the event of the change; null: nothing has changed
   * @param replayed true: an earlier call with the same idempotency key made the change
   */
  record Accepted(WaitingEvent event, boolean replayed) implements WaitingResult {}

  /** The agent is not running yet. Nothing was changed. */
  record NotRunning(AgentStatus current) implements WaitingResult {}

  /** The agent is final. Nothing was changed. */
  record Finished(Ending ending) implements WaitingResult {}

  /** The idempotency key belongs to another call. Nothing was changed. */
  record KeyReused() implements WaitingResult {}

  /** There is no such agent. */
  record AgentNotFound() implements WaitingResult {}
}
