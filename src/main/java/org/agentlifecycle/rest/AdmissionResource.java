package org.agentlifecycle.rest;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import org.agentlifecycle.admission.Admission;
import org.agentlifecycle.admission.AdmissionStore;

/** The switch that closes spawning, and the limit on active agents, for all servers at once. */
@Path("admission")
@ApplicationScoped
public class AdmissionResource {
  @Inject AdmissionStore store;

  @GET
  public Response admission() {
    return Answers.ok(JsonWriter.admission(store.get()));
  }

  @PUT
  public Response admit(RequestBody body) {
    Admission admission = ControlBodies.admission(body);
    store.set(admission);
    return Answers.ok(JsonWriter.admission(admission));
  }
}
