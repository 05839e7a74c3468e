package org.agentlifecycle.health;

import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;

/**
 * Health check that never throws: Open Liberty reports a check that throws as UP, and Payara
 * returns an empty 500. It reports DOWN with a reason instead, and also while the application
 * starts.
 */
public abstract class GuardedCheck implements HealthCheck {
  private final String name;
  private final ApplicationState application;

  /**
   * @param name the name in the response
   */
  protected GuardedCheck(String name, ApplicationState application) {
    this.name = name;
    this.application = application;
  }

  /** Returns the report of the started application; may throw. */
  protected abstract HealthReport check();

  @Override
  public HealthCheckResponse call() {
    HealthReport report = report();
    HealthCheckResponseBuilder response = HealthCheckResponse.named(name).status(report.up());
    report.data().forEach(response::withData);
    return response.build();
  }

  private HealthReport report() {
    try {
      return application.isStarted() ? check() : HealthReport.down("STARTING");
    } catch (Throwable failure) { // an Error too
      return HealthReport.down(failure.getClass().getSimpleName());
    }
  }
}
