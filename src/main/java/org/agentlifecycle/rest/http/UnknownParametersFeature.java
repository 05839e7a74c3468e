package org.agentlifecycle.rest.http;

import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.DynamicFeature;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.FeatureContext;
import jakarta.ws.rs.ext.Provider;
import org.agentlifecycle.rest.request.QueryParameters;

/**
 * Rejects query parameters of methods that accept none. Otherwise the service would ignore a filter
 * without notice.
 */
@Provider
public class UnknownParametersFeature implements DynamicFeature {

  /** The query of the servlet request, because that of JAX-RS parses the whole URI. */
  @Inject HttpServletRequest request;

  @Override
  public void configure(ResourceInfo resource, FeatureContext context) {
    if (!resource.getResourceMethod().isAnnotationPresent(AcceptsQueryParameters.class)) {
      ContainerRequestFilter filter = this::rejectParameters;
      context.register(filter);
    }
  }

  private void rejectParameters(ContainerRequestContext context) {
    if (request.getQueryString() != null) {
      QueryParameters.of(request).rejectUnknown();
    }
  }
}
