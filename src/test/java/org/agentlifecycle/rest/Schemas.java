package org.agentlifecycle.rest;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * Holds values against the schemas of an API document, as far as ours goes. Stricter than a
 * validator: a member that no schema knows is an error, because then the document is behind.
 */
final class Schemas {
  private final JsonNode document;

  Schemas(JsonNode document) {
    this.document = document;
  }

  /** What a reference leads to; missing where that is nothing. */
  JsonNode at(String reference) {
    return document.at(reference.substring(1));
  }

  JsonNode resolved(JsonNode node) {
    return node.has("$ref") ? resolved(at(node.path("$ref").asString())) : node;
  }

  /** What is wrong with the value, each with its place. */
  List<String> errors(JsonNode schema, JsonNode value) {
    List<String> errors = new ArrayList<>();
    check(schema, value, "", errors);
    return errors;
  }

  private void check(JsonNode reference, JsonNode value, String place, List<String> errors) {
    JsonNode schema = resolved(reference);
    schema.path("allOf").forEach(part -> check(part, value, place, errors));
    String type = schema.path("type").asString("");
    if (!isOfType(type, value)) {
      errors.add(place + " is no " + type + ": " + value);
    }
    if (schema.has("enum") && schema.path("enum").valueStream().noneMatch(value::equals)) {
      errors.add(place + " is none of " + schema.path("enum") + ": " + value);
    }
    if (schema.has("pattern") && !value.asString().matches(schema.path("pattern").asString())) {
      errors.add(place + " does not match: " + value);
    }
    if (type.equals("object") && !schema.path("additionalProperties").asBoolean(false)) {
      checkMembers(schema, value, place, errors);
    }
    if (type.equals("array")) {
      value.forEach(item -> check(schema.path("items"), item, place + "[]", errors));
    }
  }

  private void checkMembers(JsonNode schema, JsonNode value, String place, List<String> errors) {
    schema
        .path("required")
        .forEach(
            name -> {
              if (!value.has(name.asString())) {
                errors.add(place + " lacks " + name);
              }
            });
    JsonNode others = schema.path("additionalProperties");
    boolean isOpen = schema.path("properties").has("instance"); // a problem has more by its type
    value.forEachEntry(
        (name, member) -> {
          JsonNode known = schema.path("properties").path(name);
          if (!known.isMissingNode()) {
            check(known, member, place + "." + name, errors);
          } else if (others.isObject()) {
            check(others, member, place + "." + name, errors);
          } else if (!isOpen && !isPartOfProblem(schema, name)) {
            errors.add(place + " has an unknown " + name);
          }
        });
  }

  /**
   * Where a problem is put together of two schemas, the second does not know the first's members.
   */
  private boolean isPartOfProblem(JsonNode schema, String name) {
    return !schema.path("properties").has("agentId")
        && at("#/components/schemas/Problem").path("properties").has(name);
  }

  private static boolean isOfType(String type, JsonNode value) {
    return switch (type) {
      case "object" -> value.isObject();
      case "array" -> value.isArray();
      case "string" -> value.isString();
      case "integer" -> value.isIntegralNumber();
      case "boolean" -> value.isBoolean();
      default -> true;
    };
  }
}
