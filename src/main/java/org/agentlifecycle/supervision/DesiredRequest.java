package org.agentlifecycle.supervision;

import java.time.Duration;
import org.agentlifecycle.agent.Desired;

/**
 * A requested desired state.
 *
 * @param mode what is wanted
 * @param grace time until an agent that should stop is killed; null for other modes
 * @param reason why it is wanted; null: unknown
 */
public record DesiredRequest(Desired.Mode mode, Duration grace, String reason) {

  /** Maximum grace period. */
  public static final Duration MAX_GRACE = Duration.ofHours(1);

  public DesiredRequest {
    if ((mode == Desired.Mode.STOPPED) != (grace != null)) {
      throw new IllegalArgumentException("only a stop has a grace period");
    }
  }
}
