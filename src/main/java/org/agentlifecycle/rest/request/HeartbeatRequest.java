package org.agentlifecycle.rest.request;

import jakarta.validation.Valid;
import java.time.Duration;
import org.agentlifecycle.rest.binding.JsonRequest;
import org.agentlifecycle.rest.binding.OptionalBody;
import org.agentlifecycle.rest.problem.ValidationErrors;
import org.agentlifecycle.session.Progress;

/**
 * Body of {@code PUT /agents/{id}/heartbeat}.
 *
 * @param lease length of the lease from now on; null: unchanged
 * @param progress null: unchanged
 */
@OptionalBody
public record HeartbeatRequest(
    @AllowedDuration(AllowedDuration.Kind.LEASE) Duration lease, @Valid ProgressRequest progress)
    implements JsonRequest {

  @Override
  public void check(ValidationErrors errors) {
    if (progress != null) {
      progress.check(errors.in("progress"));
    }
  }

  /** Returns the progress; null if there is none. */
  public Progress newProgress() {
    return progress == null ? null : progress.progress();
  }
}
