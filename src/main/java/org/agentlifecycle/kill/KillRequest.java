package org.agentlifecycle.kill;

import java.util.Map;
import org.agentlifecycle.agent.AgentStatus;

/**
 * Request for a bulk kill. An active agent must match all criteria.
 *
 * @param taskId the task; null: any
 * @param status spawning or running; null: both
 * @param labels required labels; empty: any
 * @param reason why the caller asks for the kill; null: unknown
 * @param dryRun whether the kill only counts
 */
public record KillRequest(
    String taskId, AgentStatus status, Map<String, String> labels, String reason, boolean dryRun) {
  public KillRequest {
    labels = Map.copyOf(labels);
  }
}
