package org.agentlifecycle.agent;

import java.time.Duration;
import java.util.Map;
import java.util.UUID;

/**
 * Registration of an agent.
 *
 * @param agentId a new id; null: the service generates one
 * @param taskId the task of the agent
 * @param labels may be empty, not null
 * @param metadata JSON object of the client; null: none
 * @param session context of the session; null: none
 * @param lease length of the lease; null: the configured default
 * @param timeouts the timeouts; the configured defaults take the place of absent ones
 * @param parent the parent; null: none
 */
public record Registration(
    String agentId,
    String taskId,
    Map<String, String> labels,
    RawJson metadata,
    RawJson session,
    Duration lease,
    Timeouts timeouts,
    Parent parent) {
  public Registration {
    labels = Map.copyOf(labels);
  }

  /** A registration without timeouts and parent. */
  public Registration(
      String agentId,
      String taskId,
      Map<String, String> labels,
      RawJson metadata,
      RawJson session,
      Duration lease) {
    this(agentId, taskId, labels, metadata, session, lease, Timeouts.NONE, null);
  }

  /** Returns this registration with a generated id. */
  public Registration withGeneratedId() {
    String id = UUID.randomUUID().toString();
    return new Registration(id, taskId, labels, metadata, session, lease, timeouts, parent);
  }
}
