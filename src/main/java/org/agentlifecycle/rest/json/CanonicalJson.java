package org.agentlifecycle.rest.json;

import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Canonical form of JSON. Documents that differ only in whitespace, in the order of members or in
 * the escapes of strings have the same form. Numbers keep their text, because the service returns
 * them as they were sent.
 */
public final class CanonicalJson {
  private CanonicalJson() {}

  /**
   * Returns the canonical form.
   *
   * @param json well-formed JSON without repeated members
   */
  public static String of(String json) {
    try (JsonParser parser = Json.MAPPER.createParser(json)) {
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
