package org.agentlifecycle.rest.health;

import jakarta.inject.Inject;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.WebFilter;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Set;
import org.agentlifecycle.health.ApplicationState;
import org.agentlifecycle.rest.problem.Problems;

/**
 * Filter of the health pages that a server serves within this application, as Payara does. A
 * request that arrives here proves that the application receives requests. Payara returns the
 * complete health for every path below {@code /health}.
 */
@WebFilter(urlPatterns = "/health/*", asyncSupported = true)
public class HealthFilter extends HttpFilter {
  private static final long serialVersionUID = 1L;

  private static final Set<String> PATHS =
      Set.of("/health", "/health/", "/health/live", "/health/ready", "/health/started");

  @Inject private transient ApplicationState application;

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    application.markServing();
    String path = request.getRequestURI();
    if (PATHS.contains(path)) {
      chain.doFilter(request, response);
    } else {
      Problems.ofStatus(404).send(response, path);
    }
  }
}
