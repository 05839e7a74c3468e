package org.agentlifecycle.rest.resource;

import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.rest.RestApplication;
import org.agentlifecycle.rest.json.Json;
import org.agentlifecycle.rest.request.EntityTags;
import org.agentlifecycle.rest.response.StartedKill;

/**
 * Successful responses. Their bodies are bytes, because the search for a {@code MessageBodyWriter}
 * costs 5 to 15 % of a GET on Open Liberty.
 *
 * <p>{@code Location} is a path, because behind a proxy the server does not know the scheme and the
 * host that the client used.
 */
final class Responses {
  private Responses() {}

  static Response ok(Object body) {
    return Response.ok(Json.write(body), MediaType.APPLICATION_JSON_TYPE).build();
  }

  /** Returns the agent, with its entity tag. */
  static Response agent(Agent agent) {
    return Response.ok(Json.write(agent), MediaType.APPLICATION_JSON_TYPE)
        .header(HttpHeaders.ETAG, EntityTags.of(agent))
        .build();
  }

  /** Returns the response to a registration. */
  static Response created(Agent agent) {
    return Response.status(Response.Status.CREATED)
        .type(MediaType.APPLICATION_JSON_TYPE)
        .header(HttpHeaders.LOCATION, RestApplication.PATH + "/agents/" + agent.agentId())
        .header(HttpHeaders.ETAG, EntityTags.of(agent))
        .entity(Json.write(agent))
        .build();
  }

  /** Returns the response to the start of a bulk kill. */
  static Response accepted(String killId) {
    return Response.accepted(Json.write(new StartedKill(killId)))
        .type(MediaType.APPLICATION_JSON_TYPE)
        .header(HttpHeaders.LOCATION, RestApplication.PATH + "/kills/" + killId)
        .build();
  }

  static Response notModified(Agent agent) {
    return Response.notModified().header(HttpHeaders.ETAG, EntityTags.of(agent)).build();
  }
}
