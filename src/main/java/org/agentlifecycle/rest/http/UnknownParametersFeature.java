package org.agentlifecycle.rest.http;

import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.DynamicFeature;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.FeatureContext;
import jakarta.ws.rs.ext.Provider;
import org.agentlifecycle.rest.request.QueryParameters;

/**
 * Refuses a query where no parameter means anything, so that nobody believes in a filter that does
 * not filter. Decided once for each resource method, at the start.
 */
@Provider
public class UnknownParametersFeature implements DynamicFeature {

  @Override
  public void configure(ResourceInfo resource, FeatureContext context) {
    if (!resource.getResourceMethod().isAnnotationPresent(AcceptsQueryParameters.class)) {
      ContainerRequestFilter rejection = UnknownParametersFeature::refuseQuery;
      context.register(rejection);
    }
  }

  private static void refuseQuery(ContainerRequestContext request) {
    new QueryParameters(request.getUriInfo().getRequestUri().getRawQuery()).rejectUnknown();
  }
}
