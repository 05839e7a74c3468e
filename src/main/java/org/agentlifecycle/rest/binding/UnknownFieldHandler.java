package org.agentlifecycle.rest.binding;

import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.deser.DeserializationProblemHandler;

/**
 * Rejects unknown fields. The field belongs to the innermost object: the parser is often that of a
 * buffer, whose path lacks the objects around it.
 */
final class UnknownFieldHandler extends DeserializationProblemHandler {

  @Override
  public boolean handleUnknownProperty(
      DeserializationContext context,
      JsonParser parser,
      ValueDeserializer<?> deserializer,
      Object bean,
      String name) {
    Binding.of(context).rejectMember(name, "is not a known field");
    parser.skipChildren();
    return true;
  }
}
