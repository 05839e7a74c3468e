package org.agentlifecycle.rest.problem;

import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import jakarta.ws.rs.ext.ExceptionMapper;
import jakarta.ws.rs.ext.Provider;
import org.agentlifecycle.rest.RestApplication;

/**
 * Maps every exception to a problem. It uses no servlet request: after an asynchronous dispatch,
 * Payara has no CDI request scope, and the proxy of RESTEasy has the type of the first request and
 * fails for a wrapped one.
 */
@Provider
public class ThrowableMapper implements ExceptionMapper<Throwable> {
  @Context UriInfo uri;
  @Context Request request;

  @Override
  public Response toResponse(Throwable thrown) {
    Response chosen = thrown instanceof WebApplicationException web ? web.getResponse() : null;
    if (chosen != null && chosen.getStatus() < 400) {
      return chosen; // RESTEasy throws its response to OPTIONS
    }
    String path = path();
    ProblemDetail problem = Problems.of(thrown, request.getMethod() + " " + path);
    return Response.status(problem.status())
        .type(ProblemDetail.MEDIA_TYPE)
        .header(HttpHeaders.RETRY_AFTER, problem.retryAfterSeconds())
        .header(
            HttpHeaders.ALLOW, chosen == null ? null : chosen.getHeaderString(HttpHeaders.ALLOW))
        .entity(problem.json(path))
        .build();
  }

  /** Returns the path as sent. RESTEasy cannot make a URI of every query that a client sends. */
  private String path() {
    String relative = uri.getPath(false);
    if (relative.isEmpty() || relative.equals("/")) {
      return RestApplication.PATH;
    }
    return RestApplication.PATH + (relative.startsWith("/") ? "" : "/") + relative;
  }
}
