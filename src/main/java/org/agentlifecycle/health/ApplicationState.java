package org.agentlifecycle.health;

import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import jakarta.interceptor.Interceptor;

/**
 * Progress of the start. Payara registers the health checks before the application has its
 * configuration, and runs the observers of the start before the application receives requests.
 */
@ApplicationScoped
public class ApplicationState {
  private volatile boolean initialized;
  private volatile boolean serving;

  /** Runs after all other observers of the start. */
  void onStartup(@Observes @Priority(Interceptor.Priority.PLATFORM_AFTER + 1000) Startup startup) {
    initialized = true;
  }

  /** The application receives requests. */
  public void markServing() {
    serving = true;
  }

  /** Returns whether the application is initialized and receives requests. */
  public boolean isStarted() {
    return initialized && serving;
  }
}
