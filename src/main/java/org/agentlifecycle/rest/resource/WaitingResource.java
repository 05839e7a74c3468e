package org.agentlifecycle.rest.resource;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import java.util.List;
import org.agentlifecycle.rest.binding.Constraints;
import org.agentlifecycle.rest.binding.JsonBody;
import org.agentlifecycle.rest.request.IdempotencyKeyHeader;
import org.agentlifecycle.rest.request.WaitingRequest;
import org.agentlifecycle.supervision.SupervisionService;

/** Records that an agent waits for somebody, or waits no longer. */
@Path("agents/{agentId}/waiting")
@ApplicationScoped
public class WaitingResource {
  @Inject SupervisionService supervision;

  @PUT
  public void start(
      @PathParam("agentId") String id,
      @HeaderParam(IdempotencyKeyHeader.NAME) List<String> keys,
      JsonBody<WaitingRequest> body) {
    supervision.startWaiting(
        Constraints.agentId(id),
        body.content().waiting(),
        IdempotencyKeyHeader.of(keys, "PUT waiting of " + id, body));
  }

  @DELETE
  public void end(@PathParam("agentId") String id) {
    supervision.endWaiting(Constraints.agentId(id));
  }
}
