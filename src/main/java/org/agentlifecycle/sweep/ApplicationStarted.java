package org.agentlifecycle.sweep;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Startup;

/**
 * The application has started once its sweeper is scheduled, with or without a store: an outage of
 * the store must never make a platform restart servers.
 */
@Startup
@ApplicationScoped
public class ApplicationStarted implements HealthCheck {
  private final Sweeper sweeper;

  /** For the client proxy. */
  protected ApplicationStarted() {
    this(null);
  }

  @Inject
  public ApplicationStarted(Sweeper sweeper) {
    this.sweeper = sweeper;
  }

  @Override
  public HealthCheckResponse call() {
    return HealthCheckResponse.named("application").status(sweeper.isScheduled()).build();
  }
}
