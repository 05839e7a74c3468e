package org.agentlifecycle.rest.binding;

import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.deser.ValueDeserializerModifier;
import tools.jackson.databind.deser.std.DelegatingDeserializer;

/** Deserializer of records. It rejects values that are not objects, without an exception. */
final class ObjectDeserializer extends DelegatingDeserializer {

  /** Applies the deserializer to all records. */
  static final class Modifier extends ValueDeserializerModifier {
    private static final long serialVersionUID = 1L;

    @Override
    public ValueDeserializer<?> modifyDeserializer(
        DeserializationConfig config,
        BeanDescription.Supplier description,
        ValueDeserializer<?> deserializer) {
      return JsonRequest.class.isAssignableFrom(description.getBeanClass())
          ? new ObjectDeserializer(deserializer)
          : deserializer;
    }
  }

  private ObjectDeserializer(ValueDeserializer<?> delegate) {
    super(delegate);
  }

  @Override
  protected ValueDeserializer<?> newDelegatingInstance(ValueDeserializer<?> delegate) {
    return new ObjectDeserializer(delegate);
  }

  /** After an exception the object stays entered, so that the error can name its field. */
  @Override
  public Object deserialize(JsonParser parser, DeserializationContext context) {
    Binding binding = Binding.of(context);
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      binding.reject(parser, "must be an object");
      return null;
    }
    binding.enter(parser);
    Object value = super.deserialize(parser, context);
    binding.leave();
    return value;
  }
}
