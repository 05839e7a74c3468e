package org.agentlifecycle.rest;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentLifecycle;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.session.SessionService;

/** Agents: register one, read one, list them. */
@Path("agents")
@ApplicationScoped
public class AgentsResource {
  @Inject AgentLifecycle lifecycle;
  @Inject SessionService sessions;

  @POST
  public Response register(@Context HttpHeaders headers, RequestBody body) {
    Agent agent =
        lifecycle.register(
            AgentBodies.registration(body), IdempotencyKeyHeader.of(headers, "POST agents", body));
    return Answers.created(agent);
  }

  @GET
  @TakesParameters
  public Response list(@Context HttpServletRequest request) {
    AgentListing.Request listing = AgentListing.of(request);
    return Answers.ok(
        switch (listing.include()) {
          case NOTHING -> JsonWriter.page(lifecycle.list(listing.query()));
          case SESSION -> JsonWriter.page(sessions.list(listing.query(), false));
          case SESSION_WITH_CONTEXT -> JsonWriter.page(sessions.list(listing.query(), true));
        });
  }

  /** If-Match is for those who want to be told that what they knew is outdated. */
  @GET
  @Path("{agentId}")
  public Response find(@PathParam("agentId") String id, @Context HttpHeaders headers) {
    EntityTags known = EntityTags.of(headers, HttpHeaders.IF_NONE_MATCH);
    EntityTags expected = EntityTags.of(headers, HttpHeaders.IF_MATCH);
    Agent agent = lifecycle.find(Rules.agentId(id));
    if (!expected.isEmpty() && !expected.matchesStrongly(agent)) {
      throw expected.mismatch(LifecycleException.versionMismatch(agent.agentId(), agent.version()));
    }
    return known.matchesWeakly(agent) ? Answers.notModified(agent) : Answers.agent(agent);
  }

  /** Removes an agent whose record cannot be read. */
  @DELETE
  @Path("{agentId}")
  public void removeDamaged(@PathParam("agentId") String id) {
    lifecycle.removeDamaged(Rules.agentId(id));
  }
}
