package org.agentlifecycle.rest;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import org.agentlifecycle.agent.AgentLifecycle;

/** How many agents there are of each kind now. */
@Path("stats")
@ApplicationScoped
public class StatsResource {
  @Inject AgentLifecycle lifecycle;

  @GET
  public Response stats() {
    return Answers.ok(JsonWriter.stats(lifecycle.stats()));
  }
}
