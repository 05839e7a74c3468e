package org.agentlifecycle.rest;

import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.agentlifecycle.agent.Agent;

/**
 * Responses that are no problems. Their bodies are bytes, so that no server looks for a writer.
 *
 * <p>{@code Location} is a path, because the scheme and the host that a server knows are not those
 * that the client used if a proxy is between them.
 */
final class Answers {
  private Answers() {}

  static Response ok(byte[] json) {
    return Response.ok(json, MediaType.APPLICATION_JSON_TYPE).build();
  }

  /** The agent, and its version as the entity tag. */
  static Response agent(Agent agent) {
    return Response.ok(JsonWriter.agent(agent), MediaType.APPLICATION_JSON_TYPE)
        .header(HttpHeaders.ETAG, EntityTags.of(agent))
        .build();
  }

  /** Returns the response to a registration. */
  static Response created(Agent agent) {
    return Response.status(Response.Status.CREATED)
        .type(MediaType.APPLICATION_JSON_TYPE)
        .header(HttpHeaders.LOCATION, Api.PATH + "/agents/" + agent.agentId())
        .header(HttpHeaders.ETAG, EntityTags.of(agent))
        .entity(JsonWriter.agent(agent))
        .build();
  }

  /** Returns the response to the start of a bulk kill. */
  static Response accepted(String killId) {
    return Response.accepted(JsonWriter.killId(killId))
        .type(MediaType.APPLICATION_JSON_TYPE)
        .header(HttpHeaders.LOCATION, Api.PATH + "/kills/" + killId)
        .build();
  }

  static Response notModified(Agent agent) {
    return Response.notModified().header(HttpHeaders.ETAG, EntityTags.of(agent)).build();
  }
}
