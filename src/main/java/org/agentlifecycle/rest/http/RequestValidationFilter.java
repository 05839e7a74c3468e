package org.agentlifecycle.rest.http;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.agentlifecycle.rest.problem.ProblemDetail;
import org.agentlifecycle.rest.problem.ProblemException;
import org.agentlifecycle.rest.problem.ProblemType;

/**
 * Validates path, query and headers before JAX-RS, because the servers treat unusual values
 * differently and drop matrix parameters. A request that passes has a plain path and a well-formed
 * query. Its body, if any, is JSON by its media type and has been received. {@code web.xml} maps
 * it.
 */
public class RequestValidationFilter extends HttpFilter {
  private static final long serialVersionUID = 1L;

  /** Attribute of a request: its query as sent. */
  static final String QUERY = "org.agentlifecycle.query";

  private static final Logger LOG = System.getLogger(RequestValidationFilter.class.getName());

  private final transient RequestBodyReceiver bodies = new RequestBodyReceiver();

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    response.setHeader("Cache-Control", "no-cache");
    request.setAttribute(QUERY, request.getQueryString());
    try {
      validate(request, response, chain);
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "a client closed its connection before the response", e);
    }
  }

  private void validate(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    try {
      RequestHeadValidator.check(request);
      if (RequestHeadValidator.hasBody(request)) {
        bodies.receive(request, response, chain);
      } else {
        chain.doFilter(request, response);
      }
    } catch (ProblemException rejected) {
      ProblemDetail problem = rejected.problem();
      if (problem.type() == ProblemType.REQUEST_TIMEOUT) {
        response.setHeader("Connection", "close");
      }
      problem.send(response, request.getRequestURI());
    }
  }
}
