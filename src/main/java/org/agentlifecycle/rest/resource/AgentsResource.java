package org.agentlifecycle.rest.resource;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentLifecycle;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.rest.binding.Constraints;
import org.agentlifecycle.rest.binding.JsonBody;
import org.agentlifecycle.rest.http.AcceptsQueryParameters;
import org.agentlifecycle.rest.request.AgentListParams;
import org.agentlifecycle.rest.request.EntityTags;
import org.agentlifecycle.rest.request.IdempotencyKeyHeader;
import org.agentlifecycle.rest.request.RegisterRequest;
import org.agentlifecycle.rest.response.Page;
import org.agentlifecycle.session.SessionService;

/** Registers, reads and lists agents. */
@Path("agents")
@ApplicationScoped
public class AgentsResource {
  @Inject AgentLifecycle lifecycle;
  @Inject SessionService sessions;

  @POST
  public Response register(
      @HeaderParam(IdempotencyKeyHeader.NAME) List<String> keys, JsonBody<RegisterRequest> body) {
    return Responses.created(
        lifecycle.register(
            body.content().registration(), IdempotencyKeyHeader.of(keys, "POST agents", body)));
  }

  @GET
  @AcceptsQueryParameters
  public Response list(@Context HttpServletRequest request) {
    AgentListParams params = AgentListParams.of(request);
    return Responses.ok(
        switch (params.include()) {
          case NOTHING -> Page.of(lifecycle.list(params.query()));
          case SESSION -> Page.of(sessions.list(params.query(), false));
          case SESSION_WITH_CONTEXT -> Page.of(sessions.list(params.query(), true));
        });
  }

  @GET
  @Path("{agentId}")
  public Response find(
      @PathParam("agentId") String id,
      @HeaderParam(HttpHeaders.IF_NONE_MATCH) List<String> ifNoneMatch,
      @HeaderParam(HttpHeaders.IF_MATCH) List<String> ifMatch) {
    EntityTags known = EntityTags.of(HttpHeaders.IF_NONE_MATCH, ifNoneMatch);
    EntityTags expected = EntityTags.of(HttpHeaders.IF_MATCH, ifMatch);
    Agent agent = lifecycle.find(Constraints.agentId(id));
    if (!expected.isEmpty() && !expected.matchesStrongly(agent)) {
      throw expected.mismatch(LifecycleException.versionMismatch(agent.agentId(), agent.version()));
    }
    return known.matchesWeakly(agent) ? Responses.notModified(agent) : Responses.agent(agent);
  }

  /** Removes an agent whose record cannot be read. */
  @DELETE
  @Path("{agentId}")
  public void removeDamaged(@PathParam("agentId") String id) {
    lifecycle.removeDamaged(Constraints.agentId(id));
  }
}
