package org.agentlifecycle.valkey;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.agentlifecycle.feed.EventId;
import org.agentlifecycle.feed.FeedEvent;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Parser of the entries of the feed. It reads the members that filters use and keeps the text
 * unchanged, also for unknown types.
 */
final class FeedEventParser {
  private static final Logger LOG = System.getLogger(FeedEventParser.class.getName());
  private static final JsonFactory JSON = new JsonFactory();
  private static final Pattern TYPE = Pattern.compile("[A-Za-z0-9._-]{1,128}");

  /** Maximum number of entries that are logged; it bounds the memory and the log. */
  private static final int MAX_LOGGED = 1000;

  private final Set<String> logged = ConcurrentHashMap.newKeySet();

  /**
   * Returns the event, or null if it cannot be read. An entry that cannot be read is logged once.
   *
   * @param text the stored text, which has no id; null if the entry has none
   * @param labels the labels of the agent as a JSON object; null if it has none
   */
  FeedEvent parse(String id, String text, String labels) {
    try {
      return event(id, text, labels == null ? Map.of() : strings(labels));
    } catch (JacksonException | IllegalArgumentException | NullPointerException unreadable) {
      if (logged.size() < MAX_LOGGED && logged.add(id)) {
        LOG.log(Level.ERROR, "event cannot be read and is skipped: " + id, unreadable);
      }
      return null;
    }
  }

  private static FeedEvent event(String id, String text, Map<String, String> labels) {
    Map<String, String> members = strings(text);
    String type = members.get("type");
    if (type == null || !TYPE.matcher(type).matches()) {
      throw new IllegalArgumentException("it has no type");
    }
    String json = "{\"id\":\"" + id + "\"," + oneLine(text).substring(1);
    return new FeedEvent(
        EventId.parse(id), type, members.get("agentId"), members.get("taskId"), labels, json);
  }

  /** A line break would end the data line of a server-sent event; in JSON it is only whitespace. */
  private static String oneLine(String text) {
    return text.strip().replace('\n', ' ').replace('\r', ' ');
  }

  /** Returns the members that are strings. It parses the whole text, because clients receive it. */
  private static Map<String, String> strings(String json) {
    Map<String, String> members = new HashMap<>();
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IllegalArgumentException("it is not a JSON object");
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        if (parser.nextToken() == JsonToken.VALUE_STRING) {
          members.put(name, parser.getString());
        } else {
          parser.skipChildren();
        }
      }
      if (parser.nextToken() != null) {
        throw new IllegalArgumentException("text follows the JSON object");
      }
    }
    return members;
  }
}
