package org.agentlifecycle.rest.request;

import jakarta.validation.constraints.NotNull;
import java.util.Set;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.AgentVersion;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.rest.binding.Constraints;
import org.agentlifecycle.rest.binding.JsonRequest;
import org.agentlifecycle.rest.problem.ValidationErrors;

/** Body of {@code POST /agents/{id}/transitions}. */
public record MoveRequest(
    @NotNull(message = Constraints.REQUIRED) AgentStatus to,
    @ShortText String error,
    @ShortText String reason)
    implements JsonRequest {

  @Override
  public void check(ValidationErrors errors) {
    if (to == AgentStatus.FAILED && (error == null || error.isBlank())) {
      errors.add("error", "is required for failed");
    } else if (to != null && to != AgentStatus.FAILED && error != null) {
      errors.add("error", "is for failed only");
    }
  }

  /**
   * Returns the transition.
   *
   * @param ifVersion the versions of which one must be current; null: any version
   */
  public TransitionRequest transition(Set<AgentVersion> ifVersion) {
    return new TransitionRequest(to, error, Constraints.blankToNull(reason), ifVersion);
  }
}
