package org.agentlifecycle.rest;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Set;
import org.agentlifecycle.agent.AgentLifecycle;
import org.agentlifecycle.agent.AgentVersion;
import org.agentlifecycle.agent.Move;
import org.agentlifecycle.agent.Once;

/** What happens to one agent, and what happened. */
@Path("agents/{agentId}/transitions")
@ApplicationScoped
@Produces(MediaType.APPLICATION_JSON)
public class TransitionsResource {
  @Inject AgentLifecycle lifecycle;

  @POST
  public Response move(
      @PathParam("agentId") String id, @Context HttpHeaders headers, RequestBody body) {
    Set<AgentVersion> expected = EntityTags.of(headers, HttpHeaders.IF_MATCH).versions();
    Move move = AgentBodies.move(body, expected);
    Once once = IdempotencyKey.of(headers, "POST transitions of " + id, body);
    return Answers.agent(lifecycle.move(Rules.agentId(id), move, once));
  }

  @GET
  public Response history(@PathParam("agentId") String id) {
    return Answers.ok(JsonWriter.transitions(lifecycle.history(Rules.agentId(id))));
  }
}
