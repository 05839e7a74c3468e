package org.agentlifecycle.rest.request;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import org.agentlifecycle.admission.Admission;
import org.agentlifecycle.rest.binding.Constraints;
import org.agentlifecycle.rest.binding.JsonRequest;

/**
 * Body of {@code PUT /admission}.
 *
 * @param maxActive maximum number of active agents; 0: no limit
 */
public record AdmissionRequest(
    @NotNull(message = Constraints.REQUIRED) Boolean open,
    @NotNull(message = Constraints.REQUIRED)
        @Min(value = 0, message = RANGE)
        @Max(value = Admission.MAX_LIMIT, message = RANGE)
        Long maxActive)
    implements JsonRequest {
  private static final String RANGE = "must be a whole number from 0 to " + Admission.MAX_LIMIT;

  public Admission admission() {
    return new Admission(open, maxActive);
  }
}
