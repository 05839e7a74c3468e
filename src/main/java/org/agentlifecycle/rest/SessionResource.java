package org.agentlifecycle.rest;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import org.agentlifecycle.session.SessionService;

/** The session of an agent: read it, replace its context, end it. */
@Path("agents/{agentId}/session")
@ApplicationScoped
public class SessionResource {
  @Inject SessionService sessions;

  @GET
  public Response find(@PathParam("agentId") String id) {
    return Answers.ok(JsonWriter.session(sessions.find(Rules.agentId(id))));
  }

  @PUT
  public Response replaceContext(@PathParam("agentId") String id, RequestBody body) {
    return Answers.ok(
        JsonWriter.session(
            sessions.replaceContext(Rules.agentId(id), ControlBodies.sessionContext(body))));
  }

  @DELETE
  public Response close(@PathParam("agentId") String id) {
    sessions.end(Rules.agentId(id));
    return Response.noContent().build();
  }
}
