package org.agentlifecycle.rest;

import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;
import java.util.Map;

/** The JAX-RS application. All resources are below {@value #PATH}. */
@ApplicationPath(RestApplication.PATH)
public class RestApplication extends Application {
  public static final String PATH = "/api/v1";

  /** Path of batches, whose bodies may be larger than others. */
  public static final String BATCHES = "batches";

  /**
   * Properties of Jersey. By default it sends a WADL document in the response to OPTIONS, makes an
   * absolute URI of the path in {@code Location}, and validates the parameters of resources, which
   * {@code binding} has done.
   */
  @Override
  public Map<String, Object> getProperties() {
    return Map.of(
        "jersey.config.server.wadl.disableWadl",
        true,
        "jersey.config.server.headers.location.relative.resolution.disabled",
        true,
        "jersey.config.beanValidation.disable.server",
        true);
  }
}
