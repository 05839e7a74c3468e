package org.agentlifecycle.agent;

import java.time.Duration;
import java.util.Map;

/**
 * What a client says of an agent that it has spawned.
 *
 * @param agentId its id, which must not be taken
 * @param taskId the task it works on
 * @param labels what it can be selected by; never null
 * @param metadata the client's own object, or null
 * @param session the context of the agent's session, or null
 * @param lease how long it lives without a sign of life, in milliseconds; null: the default's
 */
public record Registration(
    String agentId,
    String taskId,
    Map<String, String> labels,
    RawJson metadata,
    RawJson session,
    Duration lease) {
  public Registration {
    labels = Map.copyOf(labels);
  }
}
