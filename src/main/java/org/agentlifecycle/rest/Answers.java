package org.agentlifecycle.rest;

import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import org.agentlifecycle.agent.Agent;

/** Answers that are no problems. Their bodies are bytes already, which no server looks into. */
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

  /**
   * A new agent.
   *
   * @param path where it is, relative to {@link Api#PATH}
   */
  static Response created(String path, Agent agent) {
    return Response.created(URI.create(path))
        .type(MediaType.APPLICATION_JSON_TYPE)
        .header(HttpHeaders.ETAG, EntityTags.of(agent))
        .entity(JsonWriter.agent(agent))
        .build();
  }

  static Response notModified(Agent agent) {
    return Response.notModified().header(HttpHeaders.ETAG, EntityTags.of(agent)).build();
  }
}
