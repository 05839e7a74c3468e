package org.agentlifecycle.rest.problem;

import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;
import jakarta.ws.rs.ext.Provider;

/**
 * Maps every exception to a problem. CDI injects the request, because the proxy that RESTEasy
 * injects for {@code Context} has the type of the first request and fails for a wrapped one.
 */
@Provider
public class ThrowableMapper implements ExceptionMapper<Throwable> {
  @Inject HttpServletRequest request;

  @Override
  public Response toResponse(Throwable thrown) {
    Response chosen = thrown instanceof WebApplicationException web ? web.getResponse() : null;
    if (chosen != null && chosen.getStatus() < 400) {
      return chosen; // RESTEasy throws its response to OPTIONS
    }
    String path = request.getRequestURI();
    ProblemDetail problem = Problems.of(thrown, request.getMethod() + " " + path);
    return Response.status(problem.status())
        .type(ProblemDetail.MEDIA_TYPE)
        .header(HttpHeaders.RETRY_AFTER, problem.retryAfterSeconds())
        .header(
            HttpHeaders.ALLOW, chosen == null ? null : chosen.getHeaderString(HttpHeaders.ALLOW))
        .entity(problem.json(path))
        .build();
  }
}
