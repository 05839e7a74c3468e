package org.agentlifecycle.rest.resource;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import org.agentlifecycle.rest.binding.Constraints;
import org.agentlifecycle.rest.binding.JsonBody;
import org.agentlifecycle.rest.request.SessionContextRequest;
import org.agentlifecycle.session.SessionService;

/** Reads and ends the session of an agent, and replaces its context. */
@Path("agents/{agentId}/session")
@ApplicationScoped
public class SessionResource {
  @Inject SessionService sessions;

  @GET
  public Response find(@PathParam("agentId") String id) {
    return Responses.ok(sessions.find(Constraints.agentId(id)));
  }

  @PUT
  public Response replaceContext(
      @PathParam("agentId") String id, JsonBody<SessionContextRequest> body) {
    return Responses.ok(sessions.replaceContext(Constraints.agentId(id), body.content().context()));
  }

  @DELETE
  public void end(@PathParam("agentId") String id) {
    sessions.end(Constraints.agentId(id));
  }
}
