package org.agentlifecycle.sweep;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Map;
import org.agentlifecycle.health.ApplicationState;
import org.agentlifecycle.health.GuardedCheck;
import org.agentlifecycle.health.HealthReport;
import org.eclipse.microprofile.health.Liveness;

/**
 * Reports DOWN if a sweep has stopped running, so that the platform restarts the server. A step
 * counts whether it succeeds or fails, so that an outage of the store never shows here.
 */
@Liveness
@ApplicationScoped
public class SweeperLivenessCheck extends GuardedCheck {

  /** A step of a sweep ends within seconds, even if the store does not reply. */
  private static final Duration MAX_STEP_TIME = Duration.ofMinutes(1);

  private final Sweeper sweeper;

  /** For the client proxy. */
  protected SweeperLivenessCheck() {
    this(null, null);
  }

  @Inject
  public SweeperLivenessCheck(ApplicationState application, Sweeper sweeper) {
    super("sweeper-schedule", application);
    this.sweeper = sweeper;
  }

  @Override
  protected HealthReport check() {
    Duration since = sweeper.timeSinceLastStep();
    boolean runs = since.compareTo(sweeper.interval().plus(MAX_STEP_TIME)) < 0;
    HealthReport report = runs ? HealthReport.up(Map.of()) : HealthReport.down("SWEEP_STOPPED");
    return report.with("secondsSinceLastPass", Long.toString(since.toSeconds()));
  }
}
