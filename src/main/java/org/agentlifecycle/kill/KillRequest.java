package org.agentlifecycle.kill;

import java.time.Duration;
import java.util.Map;
import org.agentlifecycle.agent.AgentStatus;

/**
 * Request for a bulk kill. An active agent must match all criteria.
 *
 * @param taskId the task; null: any
 * @param status spawning or running; null: both
 * @param labels required labels; empty: any
 * @param tree the agent at the top of a tree: itself and all its descendants; null: any
 * @param grace time until the agents that should stop are killed; null: they are killed at once
 * @param reason why the caller asks for the kill; null: unknown
 * @param dryRun whether the kill only counts
 */
public record KillRequest(
    String taskId,
    AgentStatus status,
    Map<String, String> labels,
    String tree,
    Duration grace,
    String reason,
    boolean dryRun) {

  /** A kill without a tree and without a grace period. */
  public KillRequest(
      String taskId,
      AgentStatus status,
      Map<String, String> labels,
      String reason,
      boolean dryRun) {
    this(taskId, status, labels, null, null, reason, dryRun);
  }

  public KillRequest {
    labels = Map.copyOf(labels);
  }
}
