package org.agentlifecycle.rest.resource;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import org.agentlifecycle.rest.binding.Constraints;
import org.agentlifecycle.rest.binding.JsonBody;
import org.agentlifecycle.rest.request.HeartbeatRequest;
import org.agentlifecycle.session.SessionService;

/**
 * Renews the lease of an agent and stores its progress. The rejection of a final agent is the
 * signal to stop.
 */
@Path("agents/{agentId}/heartbeat")
@ApplicationScoped
public class HeartbeatResource {
  @Inject SessionService sessions;

  @PUT
  public Response heartbeat(@PathParam("agentId") String id, JsonBody<HeartbeatRequest> body) {
    HeartbeatRequest heartbeat = body.content();
    return Responses.ok(
        sessions.heartbeat(Constraints.agentId(id), heartbeat.lease(), heartbeat.newProgress()));
  }
}
