package org.agentlifecycle.rest;

import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;
import java.util.Map;

/** Where the contract lives: every resource is below {@value #PATH}. */
@ApplicationPath(Api.PATH)
public class Api extends Application {
  static final String PATH = "/api/v1";

  /** Jersey would answer OPTIONS with a WADL document; the API document is OpenAPI's. */
  @Override
  public Map<String, Object> getProperties() {
    return Map.of("jersey.config.server.wadl.disableWadl", true);
  }
}
