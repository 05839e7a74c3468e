package org.agentlifecycle.kill;

import java.util.Map;
import org.agentlifecycle.agent.AgentStatus;

/**
 * Which agents to kill: those not yet final for which everything holds that is said here.
 *
 * @param taskId of this task; null: any
 * @param status spawning or running; null: either
 * @param labels with each of these labels; empty: any
 * @param reason why, or null
 * @param dryRun only count them
 */
public record KillRequest(
    String taskId, AgentStatus status, Map<String, String> labels, String reason, boolean dryRun) {
  public KillRequest {
    labels = Map.copyOf(labels);
  }
}
