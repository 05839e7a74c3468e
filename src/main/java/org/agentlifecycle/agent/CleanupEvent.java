package org.agentlifecycle.agent;

import java.time.Instant;

/**
 * Event of the end of a session.
 *
 * @param confirmed true: the runner ended the session; false: the cleanup delay did
 */
public record CleanupEvent(
    String id, String agentId, String taskId, Instant timestamp, long version, boolean confirmed)
    implements AgentEvent {

  @Override
  public Type type() {
    return Type.CLEANUP;
  }
}
