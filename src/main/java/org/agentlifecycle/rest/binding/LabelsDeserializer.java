package org.agentlifecycle.rest.binding;

import java.util.HashMap;
import java.util.Map;
import org.agentlifecycle.rest.json.Surrogates;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.type.TypeFactory;

/** Deserializer of labels. It rejects each invalid label by its key. */
public final class LabelsDeserializer extends StdDeserializer<Map<String, String>> {
  private static final JavaType TYPE =
      TypeFactory.createDefaultInstance()
          .constructMapType(HashMap.class, String.class, String.class);

  public LabelsDeserializer() {
    super(TYPE);
  }

  @Override
  public Map<String, String> deserialize(JsonParser parser, DeserializationContext context) {
    Binding binding = Binding.of(context);
    if (!parser.hasToken(JsonToken.START_OBJECT)) {
      binding.reject(parser, "must be an object");
      return null;
    }
    Map<String, String> labels = new HashMap<>();
    binding.enter(parser);
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String key = parser.currentName();
      JsonToken token = parser.nextToken();
      String value = token == JsonToken.VALUE_STRING ? parser.getString() : null;
      String error = error(key, value);
      if (error != null) {
        binding.reject(parser, error);
      }
      labels.put(key, value);
    }
    binding.leave();
    return labels;
  }

  private static String error(String key, String value) {
    if (!Constraints.isLabelKey(key)) {
      return Constraints.LABEL_KEY;
    }
    if (value == null) {
      return "must be text";
    }
    if (Surrogates.hasLone(value)) {
      return Scalars.LONE_SURROGATE;
    }
    return Constraints.isLabelValue(value) ? null : Constraints.LABEL_VALUE;
  }
}
