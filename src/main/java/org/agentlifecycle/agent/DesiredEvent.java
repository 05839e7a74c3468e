package org.agentlifecycle.agent;

import java.time.Instant;

/**
 * Event of a new desired state.
 *
 * @param killId the bulk kill that requested it; null: none did
 */
public record DesiredEvent(
    String id,
    String agentId,
    String taskId,
    Instant timestamp,
    long version,
    Desired desired,
    String killId)
    implements AgentEvent {

  @Override
  public Type type() {
    return Type.DESIRED;
  }
}
