package org.agentlifecycle.rest.resource;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import org.agentlifecycle.admission.Admission;
import org.agentlifecycle.admission.AdmissionStore;
import org.agentlifecycle.rest.binding.JsonBody;
import org.agentlifecycle.rest.request.AdmissionRequest;

/** Reads and sets the admission, for all servers at once. */
@Path("admission")
@ApplicationScoped
public class AdmissionResource {
  @Inject AdmissionStore store;

  @GET
  public Response get() {
    return Responses.ok(store.get());
  }

  @PUT
  public Response update(JsonBody<AdmissionRequest> body) {
    Admission admission = body.content().admission();
    store.set(admission);
    return Responses.ok(admission);
  }
}
