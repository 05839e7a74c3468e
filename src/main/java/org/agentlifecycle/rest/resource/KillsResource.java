package org.agentlifecycle.rest.resource;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.agentlifecycle.kill.KillService;
import org.agentlifecycle.rest.binding.Constraints;
import org.agentlifecycle.rest.binding.JsonBody;
import org.agentlifecycle.rest.request.IdempotencyKeyHeader;
import org.agentlifecycle.rest.request.StartKillRequest;
import org.agentlifecycle.rest.response.KillProgress;

/** Starts bulk kills and returns their progress. */
@Path("kills")
@ApplicationScoped
public class KillsResource {
  @Inject KillService kills;

  @POST
  public Response start(
      @HeaderParam(IdempotencyKeyHeader.NAME) List<String> keys, JsonBody<StartKillRequest> body) {
    return Responses.accepted(
        kills.start(body.content().request(), IdempotencyKeyHeader.of(keys, "POST kills", body)));
  }

  @GET
  @Path("{killId}")
  public Response find(@PathParam("killId") String id) {
    return Responses.ok(KillProgress.of(kills.find(Constraints.id("killId", id))));
  }
}
