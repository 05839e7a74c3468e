package org.agentlifecycle.rest;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import org.agentlifecycle.agent.AgentLifecycle;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.agent.LifecycleException.Reason;
import org.agentlifecycle.agent.TransitionRequest;

/** What happens to one agent, and what happened. */
@Path("agents/{agentId}/transitions")
@ApplicationScoped
public class TransitionsResource {
  @Inject AgentLifecycle lifecycle;

  @POST
  public Response move(
      @PathParam("agentId") String id, @Context HttpHeaders headers, RequestBody body) {
    EntityTags expected = EntityTags.of(headers, HttpHeaders.IF_MATCH);
    TransitionRequest move = AgentBodies.move(body, expected.versions());
    IdempotencyKey key = IdempotencyKeyHeader.of(headers, "POST transitions of " + id, body);
    try {
      return Answers.agent(lifecycle.move(Rules.agentId(id), move, key));
    } catch (LifecycleException rejected) {
      throw rejected.reason() == Reason.VERSION_MISMATCH ? expected.mismatch(rejected) : rejected;
    }
  }

  @GET
  public Response history(@PathParam("agentId") String id) {
    return Answers.ok(JsonWriter.transitions(lifecycle.history(Rules.agentId(id))));
  }
}
