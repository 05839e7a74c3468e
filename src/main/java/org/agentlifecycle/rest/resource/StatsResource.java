package org.agentlifecycle.rest.resource;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import org.agentlifecycle.agent.AgentLifecycle;

/** Returns the numbers of agents and sessions. */
@Path("stats")
@ApplicationScoped
public class StatsResource {
  @Inject AgentLifecycle lifecycle;

  @GET
  public Response stats() {
    return Responses.ok(lifecycle.stats());
  }
}
