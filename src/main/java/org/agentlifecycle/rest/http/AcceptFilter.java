package org.agentlifecycle.rest.http;

import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.PreMatching;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.ext.Provider;
import java.util.List;
import java.util.Set;
import org.agentlifecycle.rest.problem.ProblemException;
import org.agentlifecycle.rest.problem.Problems;

/**
 * Rejects a call whose response has a body that the client does not accept.
 *
 * <p>The first filter removes the header, because JAX-RS would also reject calls without a response
 * body. The second filter runs only if the path and the method exist. A method without a result has
 * a response without a body.
 */
public final class AcceptFilter {
  private static final String ACCEPT = "org.agentlifecycle.accept";
  private static final Set<String> WITHOUT_BODY =
      Set.of(HttpMethod.HEAD, HttpMethod.DELETE, HttpMethod.OPTIONS);

  private AcceptFilter() {}

  /** Keeps the header for {@link Check} and hides it from JAX-RS. */
  @Provider
  @PreMatching
  public static class Hide implements ContainerRequestFilter {
    @Override
    public void filter(ContainerRequestContext request) {
      MultivaluedMap<String, String> headers = request.getHeaders();
      List<String> lines = headers.get(AcceptHeader.NAME);
      if (lines != null) {
        if (!WITHOUT_BODY.contains(request.getMethod())) { // later, Jersey reports HEAD as GET
          request.setProperty(ACCEPT, AcceptHeader.of(List.copyOf(lines)));
        }
        headers.putSingle(AcceptHeader.NAME, MediaType.WILDCARD);
      }
    }
  }

  /** Decides before the call takes effect. */
  @Provider
  public static class Check implements ContainerRequestFilter {
    @Context ResourceInfo resource;

    @Override
    public void filter(ContainerRequestContext request) {
      if (request.getProperty(ACCEPT) instanceof AcceptHeader accept
          && resource.getResourceMethod() != null
          && resource.getResourceMethod().getReturnType() != void.class
          && !accept.permits(MediaType.APPLICATION_JSON)) {
        throw new ProblemException(Problems.ofStatus(406));
      }
    }
  }
}
