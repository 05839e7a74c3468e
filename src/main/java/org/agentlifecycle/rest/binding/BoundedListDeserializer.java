package org.agentlifecycle.rest.binding;

import java.util.ArrayList;
import java.util.List;
import org.agentlifecycle.rest.problem.ValidationErrors;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.deser.std.StdDeserializer;

/**
 * Deserializer of a list of objects. It validates each element, because the validation of all in
 * one graph costs much more. After the maximum number of elements it skips the others, so that a
 * long list needs no memory.
 */
public abstract class BoundedListDeserializer<T extends JsonRequest>
    extends StdDeserializer<List<T>> {
  private final Class<T> element;
  private final int min;
  private final int max;

  /**
   * @param element type of the elements
   * @param min minimum number of elements
   * @param max maximum number of elements
   */
  protected BoundedListDeserializer(Class<T> element, int min, int max) {
    super(List.class);
    this.element = element;
    this.min = min;
    this.max = max;
  }

  /** A rejected element is null. */
  @Override
  public List<T> deserialize(JsonParser parser, DeserializationContext context) {
    Binding binding = Binding.of(context);
    if (!parser.hasToken(JsonToken.START_ARRAY)) {
      binding.reject(parser, "must be an array");
      return null;
    }
    String field = Binding.field(parser);
    List<T> elements = new ArrayList<>();
    int count = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      count++;
      if (count > max) {
        parser.skipChildren();
      } else if (parser.hasToken(JsonToken.VALUE_NULL)) {
        binding.reject(parser, "must be an object");
        elements.add(null);
      } else {
        elements.add(read(parser, context));
      }
    }
    if (count < min || count > max) {
      binding.errors().add(field, "must have " + min + " to " + max + " elements");
    }
    return elements;
  }

  private T read(JsonParser parser, DeserializationContext context) {
    ValidationErrors errors = Binding.of(context).errors().in(Binding.field(parser));
    T value = context.readValue(parser, element);
    if (value != null) {
      RequestValidator.validate(value, errors);
      value.check(errors);
    }
    return value;
  }
}
