package org.agentlifecycle.sweep;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Map;
import org.agentlifecycle.health.ApplicationState;
import org.agentlifecycle.health.GuardedCheck;
import org.agentlifecycle.health.HealthReport;
import org.eclipse.microprofile.health.Startup;

/**
 * Reports UP once the application receives requests and its sweeps are scheduled, with or without a
 * store: an outage of the store must never make a platform restart servers.
 */
@Startup
@ApplicationScoped
public class StartupCheck extends GuardedCheck {
  private final Sweeper sweeper;

  /** For the client proxy. */
  protected StartupCheck() {
    this(null, null);
  }

  @Inject
  public StartupCheck(ApplicationState application, Sweeper sweeper) {
    super("application", application);
    this.sweeper = sweeper;
  }

  @Override
  protected HealthReport check() {
    return sweeper.isScheduled()
        ? HealthReport.up(Map.of())
        : HealthReport.down("SWEEPS_NOT_SCHEDULED");
  }
}
