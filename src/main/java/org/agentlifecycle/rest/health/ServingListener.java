package org.agentlifecycle.rest.health;

import jakarta.inject.Inject;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.annotation.WebListener;
import org.agentlifecycle.health.ApplicationState;

/**
 * Reports that the application receives requests, on a server that opens its port after the start
 * of the application. If the server serves its health pages within this application, {@link
 * HealthFilter} reports it.
 */
@WebListener
public class ServingListener implements ServletContextListener {

  @Inject private ApplicationState application;

  @Override
  public void contextInitialized(ServletContextEvent event) {
    boolean servesHealth =
        event.getServletContext().getServletRegistrations().values().stream()
            .flatMap(servlet -> servlet.getMappings().stream())
            .anyMatch(mapping -> mapping.startsWith("/health"));
    if (!servesHealth) {
      application.markServing();
    }
  }
}
