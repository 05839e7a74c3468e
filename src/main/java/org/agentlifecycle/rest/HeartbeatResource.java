package org.agentlifecycle.rest;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import org.agentlifecycle.session.SessionService;

/** The sign of life of an agent's runner, whose answer tells it when to stop. */
@Path("agents/{agentId}/heartbeat")
@ApplicationScoped
public class HeartbeatResource {
  @Inject SessionService sessions;

  @PUT
  public Response heartbeat(@PathParam("agentId") String id, RequestBody body) {
    return Answers.ok(
        JsonWriter.heartbeat(sessions.heartbeat(Rules.agentId(id), ControlBodies.heartbeat(body))));
  }
}
