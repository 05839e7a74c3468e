package org.agentlifecycle.rest.request;

import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.time.Duration;
import java.util.Map;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.Parent;
import org.agentlifecycle.agent.RawJson;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.Timeouts;
import org.agentlifecycle.rest.binding.Constraints;
import org.agentlifecycle.rest.binding.JsonRequest;
import org.agentlifecycle.rest.binding.LabelsDeserializer;
import org.agentlifecycle.rest.problem.ValidationErrors;
import tools.jackson.databind.annotation.JsonDeserialize;

/**
 * Body of {@code POST /agents}.
 *
 * @param agentId null: the service generates an id
 * @param session context of the session
 * @param startTimeout maximum time from the registration to running
 * @param runTimeout maximum time from running to a final status
 * @param onParentEnd what happens when the parent ends; null: continue
 */
public record RegisterRequest(
    @NotNull(message = Constraints.REQUIRED) @Id String taskId,
    @Id String agentId,
    @JsonDeserialize(using = LabelsDeserializer.class)
        @Size(max = Agent.MAX_LABELS, message = Constraints.LABELS)
        Map<String, String> labels,
    RawJson metadata,
    @AllowedDuration(AllowedDuration.Kind.LEASE) Duration lease,
    RawJson session,
    @AllowedDuration(AllowedDuration.Kind.TIMEOUT) Duration startTimeout,
    @AllowedDuration(AllowedDuration.Kind.TIMEOUT) Duration runTimeout,
    @Id String parentId,
    Parent.OnEnd onParentEnd)
    implements JsonRequest {

  @Override
  public void check(ValidationErrors errors) {
    // Generated clients send the default value without a parent, too.
    if (onParentEnd == Parent.OnEnd.KILL && parentId == null && !errors.contains("parentId")) {
      errors.add("onParentEnd", "must not be kill without a parentId");
    }
  }

  public Registration registration() {
    return new Registration(
        agentId,
        taskId,
        labels == null ? Map.of() : labels,
        metadata,
        session,
        lease,
        new Timeouts(startTimeout, runTimeout),
        parent());
  }

  private Parent parent() {
    return parentId == null
        ? null
        : new Parent(parentId, onParentEnd == null ? Parent.OnEnd.CONTINUE : onParentEnd);
  }
}
