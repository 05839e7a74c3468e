package org.agentlifecycle.rest.http;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.agentlifecycle.rest.problem.ProblemException;

/**
 * Rejects a request with ambiguous framing and closes its connection, because the next bytes of
 * that connection may be a part of its body. {@code web.xml} maps it before all other filters.
 */
public class RequestFramingFilter extends HttpFilter {
  private static final long serialVersionUID = 1L;

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    try {
      RequestFraming.check(request);
    } catch (ProblemException rejected) {
      response.setHeader("Connection", "close");
      rejected.problem().send(response, request.getRequestURI());
      return;
    }
    chain.doFilter(request, response);
  }
}
