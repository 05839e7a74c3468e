package org.agentlifecycle.rest.resource;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.agentlifecycle.batch.BatchCall;
import org.agentlifecycle.batch.BatchService;
import org.agentlifecycle.rest.RestApplication;
import org.agentlifecycle.rest.binding.JsonBody;
import org.agentlifecycle.rest.request.BatchRequest;
import org.agentlifecycle.rest.request.IdempotencyKeyHeader;
import org.agentlifecycle.rest.response.BatchResults;

/** Executes many calls in one request. */
@Path(RestApplication.BATCHES)
@ApplicationScoped
public class BatchesResource {
  @Inject BatchService batches;

  @POST
  public Response execute(
      @HeaderParam(IdempotencyKeyHeader.NAME) List<String> keys, JsonBody<BatchRequest> body) {
    BatchRequest request = body.content();
    List<BatchCall> calls = request.batchCalls(IdempotencyKeyHeader.ofBatch(keys, request.calls()));
    return Responses.ok(BatchResults.of(calls, batches.execute(calls)));
  }
}
