package org.agentlifecycle.agent;

import java.time.Instant;

/**
 * Event of an agent that starts or ends to wait for somebody.
 *
 * @param waiting what it waits for; null: it waits no longer
 */
public record WaitingEvent(
    String id, String agentId, String taskId, Instant timestamp, long version, Waiting waiting)
    implements AgentEvent {

  @Override
  public Type type() {
    return waiting == null ? Type.RESUMED : Type.WAITING;
  }
}
