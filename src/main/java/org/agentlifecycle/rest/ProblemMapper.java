package org.agentlifecycle.rest;

import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;
import jakarta.ws.rs.ext.Provider;

/**
 * Answers with a problem, whatever is thrown. The request is injected by CDI, not by {@code
 * Context}: RESTEasy's proxy has the type of the first request, and then fails for a {@link
 * ReceivedBodyRequest}.
 */
@Provider
public class ProblemMapper implements ExceptionMapper<Throwable> {
  @Inject HttpServletRequest request;

  @Override
  public Response toResponse(Throwable thrown) {
    Response chosen = thrown instanceof WebApplicationException web ? web.getResponse() : null;
    if (chosen != null && chosen.getStatus() < 400) {
      return chosen; // RESTEasy answers OPTIONS by throwing
    }
    String path = request.getRequestURI();
    Problem problem = Problems.of(thrown, request.getMethod() + " " + path);
    return Response.status(problem.status())
        .type(Problem.MEDIA_TYPE)
        .header(HttpHeaders.RETRY_AFTER, problem.retryAfterSeconds())
        .header(
            HttpHeaders.ALLOW, chosen == null ? null : chosen.getHeaderString(HttpHeaders.ALLOW))
        .entity(problem.json(path))
        .build();
  }
}
