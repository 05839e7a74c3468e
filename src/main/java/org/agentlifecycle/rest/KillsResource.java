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
import org.agentlifecycle.kill.KillService;

/** Bulk kills: begin one, and see how far it has come. */
@Path("kills")
@ApplicationScoped
public class KillsResource {
  @Inject KillService kills;

  @POST
  public Response start(@Context HttpHeaders headers, RequestBody body) {
    String id =
        kills.start(ControlBodies.kill(body), IdempotencyKeyHeader.of(headers, "POST kills", body));
    return Answers.accepted(id);
  }

  @GET
  @Path("{killId}")
  public Response find(@PathParam("killId") String id) {
    return Answers.ok(JsonWriter.kill(kills.find(Rules.id("killId", id))));
  }
}
