package org.agentlifecycle.rest.request;

import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import org.agentlifecycle.agent.Desired;
import org.agentlifecycle.rest.binding.Constraints;
import org.agentlifecycle.rest.binding.JsonRequest;
import org.agentlifecycle.rest.problem.ValidationErrors;
import org.agentlifecycle.supervision.DesiredRequest;

/**
 * Body of {@code PUT /agents/{id}/desired}.
 *
 * @param grace time until an agent that should stop is killed
 */
public record DesiredStateRequest(
    @NotNull(message = Constraints.REQUIRED) Desired.Mode mode,
    @AllowedDuration(AllowedDuration.Kind.GRACE_PERIOD) Duration grace,
    @ShortText String reason)
    implements JsonRequest {

  @Override
  public void check(ValidationErrors errors) {
    boolean hasGrace = grace != null || errors.contains("grace");
    if (mode == Desired.Mode.STOPPED && !hasGrace) {
      errors.add("grace", "is required for stopped");
    } else if (mode != null && mode != Desired.Mode.STOPPED && grace != null) {
      errors.add("grace", "is for stopped only");
    }
  }

  public DesiredRequest request() {
    return new DesiredRequest(mode, grace, Constraints.blankToNull(reason));
  }
}
