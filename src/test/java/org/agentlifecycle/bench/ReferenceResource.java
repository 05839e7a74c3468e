package org.agentlifecycle.bench;

import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

/**
 * Trivial JAX-RS resource: the least that a call with the same path and the same size costs on this
 * server.
 */
@Path("agents/{id}")
@Produces(MediaType.APPLICATION_JSON)
public class ReferenceResource {

  /** Returns an agent without a store. */
  @GET
  public String get(@PathParam("id") String id) {
    return agent(id);
  }

  /** Reads the body and returns an agent without a store. */
  @POST
  @Path("transitions")
  @Consumes(MediaType.APPLICATION_JSON)
  public String move(@PathParam("id") String id, String body) {
    return agent(id);
  }

  private static String agent(String id) {
    return "{\"agentId\":\""
        + id
        + "\",\"taskId\":\"task-1\",\"status\":\"running\",\"version\":2,"
        + "\"spawnedAt\":\"2026-11-22T15:00:00.123Z\",\"startedAt\":\"2026-11-22T15:00:01.456Z\"}\n";
  }
}
