package org.agentlifecycle.rest;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;
import jakarta.ws.rs.ext.Provider;

/** Answers with a problem, whatever is thrown. */
@Provider
public class ProblemMapper implements ExceptionMapper<Throwable> {
  @Context HttpServletRequest request;

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
