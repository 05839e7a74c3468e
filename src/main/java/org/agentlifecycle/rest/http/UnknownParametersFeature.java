package org.agentlifecycle.rest.http;

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

  @Override
  public void configure(ResourceInfo resource, FeatureContext context) {
    if (!resource.getResourceMethod().isAnnotationPresent(AcceptsQueryParameters.class)) {
      ContainerRequestFilter filter = UnknownParametersFeature::rejectParameters;
      context.register(filter);
    }
  }

  /** The filter of the servlet provides the query, because JAX-RS would parse the whole URI. */
  private static void rejectParameters(ContainerRequestContext request) {
    if (request.getProperty(RequestValidationFilter.QUERY) instanceof String query) {
      new QueryParameters(query).rejectUnknown();
    }
  }
}
