package org.agentlifecycle.rest;

import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;
import java.util.Map;

/** Where the contract lives: every resource is below {@value #PATH}. */
@ApplicationPath(RestApplication.PATH)
public class RestApplication extends Application {
  public static final String PATH = "/api/v1";

  /**
   * Properties of Jersey. Otherwise it sends a WADL document in the response to OPTIONS, and makes
   * an absolute URI of the path in {@code Location}.
   */
  @Override
  public Map<String, Object> getProperties() {
    return Map.of(
        "jersey.config.server.wadl.disableWadl",
        true,
        "jersey.config.server.headers.location.relative.resolution.disabled",
        true);
  }
}
