package org.agentlifecycle.rest;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Validates values against the schemas of an API document. Unknown members are errors. */
public final class Schemas {
  private final JsonNode document;

  public Schemas(JsonNode document) {
    this.document = document;
  }

  /** Returns the target of a reference; a missing node if there is none. */
  public JsonNode at(String reference) {
    return document.at(reference.substring(1));
  }

  public JsonNode resolved(JsonNode node) {
    return node.has("$ref") ? resolved(at(node.path("$ref").asString())) : node;
  }

  /** Returns the errors of the value, each with its position. */
  public List<String> errors(JsonNode schema, JsonNode value) {
    List<String> errors = new ArrayList<>();
    check(schema, value, "", errors);
    return errors;
  }

  private void check(JsonNode reference, JsonNode value, String place, List<String> errors) {
    JsonNode schema = merged(reference);
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
      checkSize(schema, "Items", value, place, errors);
      value.forEach(item -> check(schema.path("items"), item, place + "[]", errors));
    }
  }

  private static void checkSize(
      JsonNode schema, String unit, JsonNode value, String place, List<String> errors) {
    int min = schema.path("min" + unit).asInt(0);
    int max = schema.path("max" + unit).asInt(Integer.MAX_VALUE);
    if (value.size() < min || value.size() > max) {
      errors.add(place + " does not have " + min + " to " + max + " " + unit);
    }
  }

  private void checkMembers(JsonNode schema, JsonNode value, String place, List<String> errors) {
    checkSize(schema, "Properties", value, place, errors);
    schema
        .path("required")
        .forEach(
            name -> {
              if (!value.has(name.asString())) {
                errors.add(place + " lacks " + name);
              }
            });
    JsonNode others = schema.path("additionalProperties");
    boolean isProblem = schema.path("properties").has("instance"); // it has more by its type
    value.forEachEntry(
        (name, member) -> {
          JsonNode known = schema.path("properties").path(name);
          if (!known.isMissingNode()) {
            check(known, member, place + "." + name, errors);
          } else if (others.isObject()) {
            check(others, member, place + "." + name, errors);
          } else if (!isProblem) {
            errors.add(place + " has an unknown " + name);
          }
        });
  }

  /** Returns the schema with the members of all parts of its {@code allOf}. */
  private JsonNode merged(JsonNode reference) {
    JsonNode schema = resolved(reference);
    if (!schema.has("allOf")) {
      return schema;
    }
    ObjectNode merged = (ObjectNode) schema.deepCopy();
    merged.remove("allOf");
    for (JsonNode part : schema.path("allOf")) {
      merged(part)
          .forEachEntry(
              (name, value) -> {
                if (value.isObject()) {
                  merged.withObjectProperty(name).setAll((ObjectNode) value);
                } else if (value.isArray() && name.equals("required")) {
                  merged.withArrayProperty(name).addAll((ArrayNode) value);
                } else if (!merged.has(name)) {
                  merged.set(name, value);
                }
              });
    }
    return merged;
  }

  private static boolean isOfType(String type, JsonNode value) {
    return switch (type) {
      case "object" -> value.isObject();
      case "array" -> value.isArray();
      case "string" -> value.isString();
      case "number" -> value.isNumber();
      case "integer" -> value.isIntegralNumber();
      case "boolean" -> value.isBoolean();
      default -> true;
    };
  }
}
