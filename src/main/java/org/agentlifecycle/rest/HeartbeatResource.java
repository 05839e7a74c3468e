package org.agentlifecycle.rest;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import org.agentlifecycle.session.Sessions;

/** The sign of life of an agent's runner, whose answer tells it when to stop. */
@Path("agents/{agentId}/heartbeat")
@ApplicationScoped
public class HeartbeatResource {
  @Inject Sessions sessions;

  @PUT
  public Response beat(@PathParam("agentId") String id, RequestBody body) {
    return Answers.ok(
        JsonWriter.heartbeat(sessions.beat(Rules.agentId(id), ControlBodies.heartbeat(body))));
  }
}
