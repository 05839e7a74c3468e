package org.agentlifecycle.rest.request;

import jakarta.validation.constraints.NotNull;
import java.util.List;
import java.util.Set;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.AgentVersion;
import org.agentlifecycle.agent.Output;
import org.agentlifecycle.agent.RawJson;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.rest.binding.Constraints;
import org.agentlifecycle.rest.binding.JsonRequest;
import org.agentlifecycle.rest.binding.RawJsonDeserializer;
import org.agentlifecycle.rest.problem.ValidationErrors;
import tools.jackson.databind.annotation.JsonDeserialize;

/**
 * Body of {@code POST /agents/{id}/transitions}.
 *
 * @param result what a final agent has produced: any JSON value
 * @param links where a final agent has put what it has produced
 */
public record MoveRequest(
    @NotNull(message = Constraints.REQUIRED) AgentStatus to,
    @ShortText String error,
    @ShortText String reason,
    @JsonDeserialize(using = RawJsonDeserializer.Any.class) RawJson result,
    @JsonDeserialize(using = LinkRequest.Links.class) List<LinkRequest> links)
    implements JsonRequest {

  @Override
  public void check(ValidationErrors errors) {
    if (to == AgentStatus.FAILED && (error == null || error.isBlank())) {
      errors.add("error", "is required for failed");
    } else if (to != null && to != AgentStatus.FAILED && error != null) {
      errors.add("error", "is for failed only");
    }
    if (to != null && !to.isFinal()) {
      rejectOutput(errors);
    }
  }

  private void rejectOutput(ValidationErrors errors) {
    if (result != null) {
      errors.add("result", "is for a final status only");
    }
    if (links != null && !links.isEmpty()) {
      errors.add("links", "is for a final status only");
    }
  }

  /**
   * Returns the transition.
   *
   * @param ifVersion the versions of which one must be current; null: any version
   */
  public TransitionRequest transition(Set<AgentVersion> ifVersion) {
    return new TransitionRequest(to, error, Constraints.blankToNull(reason), output(), ifVersion);
  }

  private Output output() {
    return new Output(
        result, links == null ? List.of() : links.stream().map(LinkRequest::link).toList());
  }
}
