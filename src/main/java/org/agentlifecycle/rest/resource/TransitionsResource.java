package org.agentlifecycle.rest.resource;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.agentlifecycle.agent.AgentLifecycle;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.agent.LifecycleException.Reason;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.rest.binding.Constraints;
import org.agentlifecycle.rest.binding.JsonBody;
import org.agentlifecycle.rest.request.EntityTags;
import org.agentlifecycle.rest.request.IdempotencyKeyHeader;
import org.agentlifecycle.rest.request.MoveRequest;
import org.agentlifecycle.rest.response.Page;

/** Performs transitions of an agent and returns its history. */
@Path("agents/{agentId}/transitions")
@ApplicationScoped
public class TransitionsResource {
  @Inject AgentLifecycle lifecycle;

  @POST
  public Response move(
      @PathParam("agentId") String id,
      @HeaderParam(HttpHeaders.IF_MATCH) List<String> ifMatch,
      @HeaderParam(IdempotencyKeyHeader.NAME) List<String> keys,
      JsonBody<MoveRequest> body) {
    EntityTags expected = EntityTags.of(HttpHeaders.IF_MATCH, ifMatch);
    TransitionRequest transition = body.content().transition(expected.versions());
    IdempotencyKey key = IdempotencyKeyHeader.of(keys, "POST transitions of " + id, body);
    try {
      return Responses.agent(lifecycle.move(Constraints.agentId(id), transition, key));
    } catch (LifecycleException rejected) {
      throw rejected.reason() == Reason.VERSION_MISMATCH ? expected.mismatch(rejected) : rejected;
    }
  }

  @GET
  public Response history(@PathParam("agentId") String id) {
    return Responses.ok(Page.ofAll(lifecycle.history(Constraints.agentId(id))));
  }
}
