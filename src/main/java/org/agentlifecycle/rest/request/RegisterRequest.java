package org.agentlifecycle.rest.request;

import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.time.Duration;
import java.util.Map;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.RawJson;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.rest.binding.Constraints;
import org.agentlifecycle.rest.binding.JsonRequest;
import org.agentlifecycle.rest.binding.LabelsDeserializer;
import tools.jackson.databind.annotation.JsonDeserialize;

/**
 * Body of {@code POST /agents}.
 *
 * @param agentId null: the service generates an id
 * @param session context of the session
 */
public record RegisterRequest(
    @NotNull(message = Constraints.REQUIRED) @Id String taskId,
    @Id String agentId,
    @JsonDeserialize(using = LabelsDeserializer.class)
        @Size(max = Agent.MAX_LABELS, message = Constraints.LABELS)
        Map<String, String> labels,
    RawJson metadata,
    @LeaseLength Duration lease,
    RawJson session)
    implements JsonRequest {

  public Registration registration() {
    return new Registration(
        agentId, taskId, labels == null ? Map.of() : labels, metadata, session, lease);
  }
}
