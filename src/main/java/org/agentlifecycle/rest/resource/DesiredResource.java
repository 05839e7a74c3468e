package org.agentlifecycle.rest.resource;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.agentlifecycle.rest.binding.Constraints;
import org.agentlifecycle.rest.binding.JsonBody;
import org.agentlifecycle.rest.request.DesiredStateRequest;
import org.agentlifecycle.rest.request.IdempotencyKeyHeader;
import org.agentlifecycle.supervision.SupervisionService;

/** Sets the desired state of an agent. Its runner learns of it with the next heartbeat. */
@Path("agents/{agentId}/desired")
@ApplicationScoped
public class DesiredResource {
  @Inject SupervisionService supervision;

  @PUT
  public Response set(
      @PathParam("agentId") String id,
      @HeaderParam(IdempotencyKeyHeader.NAME) List<String> keys,
      JsonBody<DesiredStateRequest> body) {
    return Responses.ok(
        supervision.setDesired(
            Constraints.agentId(id),
            body.content().request(),
            IdempotencyKeyHeader.of(keys, "PUT desired of " + id, body)));
  }
}
