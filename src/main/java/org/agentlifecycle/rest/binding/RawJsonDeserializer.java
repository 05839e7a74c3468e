package org.agentlifecycle.rest.binding;

import java.nio.charset.StandardCharsets;
import org.agentlifecycle.agent.RawJson;
import org.agentlifecycle.rest.json.Json;
import org.agentlifecycle.rest.json.Surrogates;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.deser.std.StdDeserializer;

/**
 * Deserializer of JSON that the service only stores: an object, or any value for {@link Any}. The
 * value is the text as sent, because only the text keeps numbers such as {@code 1.00} and {@code
 * 1e400}.
 */
public class RawJsonDeserializer extends StdDeserializer<RawJson> {
  private final boolean onlyObjects;

  RawJsonDeserializer() {
    this(true);
  }

  private RawJsonDeserializer(boolean onlyObjects) {
    super(RawJson.class);
    this.onlyObjects = onlyObjects;
  }

  /** Accepts any value. */
  public static final class Any extends RawJsonDeserializer {
    public Any() {
      super(false);
    }
  }

  @Override
  public RawJson deserialize(JsonParser parser, DeserializationContext context) {
    Binding binding = Binding.of(context);
    if (onlyObjects && !parser.hasToken(JsonToken.START_OBJECT)) {
      binding.reject(parser, "must be an object");
      return null;
    }
    String field = Binding.field(parser);
    int start = (int) parser.currentTokenLocation().getCharOffset();
    int depth = skip(parser);
    int end = (int) parser.currentLocation().getCharOffset();
    String text = binding.text().substring(start, end);
    if (depth > Json.MAX_DEPTH) {
      binding.errors().add(field, Binding.TOO_COMPLEX);
    } else if (isTooLong(text)) {
      binding.errors().add(field, "must be at most " + Json.MAX_OBJECT_LENGTH + " bytes");
    } else if (Surrogates.hasLoneEscape(text)) {
      binding.errors().add(field, Scalars.LONE_SURROGATE);
    }
    return new RawJson(text);
  }

  /** Moves to the end of the value and returns its depth. */
  private static int skip(JsonParser parser) {
    if (!parser.currentToken().isStructStart()) {
      parser.finishToken();
      return 0;
    }
    int depth = 1;
    int deepest = 1;
    while (depth > 0) {
      JsonToken token = parser.nextToken();
      if (token.isStructStart()) {
        depth++;
        deepest = Math.max(deepest, depth);
      } else if (token.isStructEnd()) {
        depth--;
      }
    }
    return deepest;
  }

  private static boolean isTooLong(String text) {
    return text.length() > Json.MAX_OBJECT_LENGTH
        || text.getBytes(StandardCharsets.UTF_8).length > Json.MAX_OBJECT_LENGTH;
  }
}
