package org.agentlifecycle.valkey;

import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.feed.EventId;
import org.agentlifecycle.feed.FeedEvent;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Reads of an event's JSON what followers filter by; the rest goes on as it is. */
final class FeedEvents {
  private static final JsonFactory JSON = new JsonFactory();

  private FeedEvents() {}

  static FeedEvent read(String id, String json) {
    String type = null;
    String agentId = null;
    String taskId = null;
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
      parser.nextToken();
      while ((type == null || agentId == null || taskId == null)
          && parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        switch (name) {
          case "type" -> type = parser.getString();
          case "agentId" -> agentId = parser.getString();
          case "taskId" -> taskId = parser.getString();
          default -> parser.skipChildren();
        }
      }
      return new FeedEvent(
          EventId.parse(id), AgentEvent.Type.ofWireName(type).orElseThrow(), agentId, taskId, json);
    } catch (RuntimeException unreadable) {
      throw LifecycleException.storeFault("event " + id + " cannot be read", unreadable);
    }
  }
}
