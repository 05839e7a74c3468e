package org.agentlifecycle.rest;

import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

/**
 * One text for all spellings of the same JSON: whitespace, the order of members and the escapes of
 * strings do not matter. Numbers are compared as they were sent, because they are returned so.
 */
final class CanonicalJson {
  private CanonicalJson() {}

  /**
   * Returns the canonical text.
   *
   * @param json well-formed JSON without repeated members
   */
  static String of(String json) {
    try (JsonParser parser = Json.FACTORY.createParser(ObjectReadContext.empty(), json)) {
      parser.nextToken();
      return value(parser);
    }
  }

  private static String value(JsonParser parser) {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> array(parser);
      case VALUE_STRING -> quoted(parser.getString());
      default -> parser.getString();
    };
  }

  private static String object(JsonParser parser) {
    Map<String, String> members = new TreeMap<>();
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      members.put(name, value(parser));
    }
    StringBuilder text = new StringBuilder("{");
    members.forEach((name, value) -> text.append(quoted(name)).append(':').append(value));
    return text.append('}').toString();
  }

  private static String array(JsonParser parser) {
    StringBuilder text = new StringBuilder("[");
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      text.append(value(parser)).append(',');
    }
    return text.append(']').toString();
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
