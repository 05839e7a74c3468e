package org.agentlifecycle.sweep;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Map;
import org.agentlifecycle.health.ApplicationState;
import org.agentlifecycle.health.GuardedCheck;
import org.agentlifecycle.health.HealthReport;
import org.eclipse.microprofile.health.Readiness;

/**
 * Reports the sweeps that fail repeatedly, for any cause. It is DOWN if all sweeps fail; otherwise
 * the server still serves its clients. It is no liveness check, because a restart does not repair
 * the store.
 */
@Readiness
@ApplicationScoped
public class SweeperReadinessCheck extends GuardedCheck {
  private final Sweeper sweeper;

  /** For the client proxy. */
  protected SweeperReadinessCheck() {
    this(null, null);
  }

  @Inject
  public SweeperReadinessCheck(ApplicationState application, Sweeper sweeper) {
    super("sweeper", application);
    this.sweeper = sweeper;
  }

  @Override
  protected HealthReport check() {
    Map<String, String> failing = sweeper.failing();
    HealthReport report =
        sweeper.allFail() ? HealthReport.down("ALL_SWEEPS_FAIL") : HealthReport.up(Map.of());
    for (Map.Entry<String, String> sweep : failing.entrySet()) {
      report = report.with(sweep.getKey(), sweep.getValue());
    }
    return report;
  }
}
