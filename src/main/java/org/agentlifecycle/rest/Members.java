package org.agentlifecycle.rest;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.agentlifecycle.agent.RawJson;
import org.agentlifecycle.config.IsoDuration;
import org.agentlifecycle.session.SessionSettings;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;

/**
 * The members of a JSON object that a client sent, each to be taken once. Texts are decoded,
 * objects are kept as they came, null counts as absent. What is not as it must be is refused by its
 * field, and so is what nobody took.
 */
final class Members {
  private static final String HALF = "must not hold half a surrogate pair";

  private final Map<String, Object> values = new LinkedHashMap<>();
  private final String prefix;
  private final Refusals refusals;

  private Members(String prefix, Refusals refusals) {
    this.prefix = prefix;
    this.refusals = refusals;
  }

  /** The members of the body. Throws where it is not well-formed JSON or no object. */
  static Members of(RequestBody body) {
    Members members = new Members("", new Refusals());
    members.read(body.text());
    return members;
  }

  private void read(String json) {
    char[] text = json.toCharArray();
    String field = "body";
    try (JsonParser parser = Json.FACTORY.createParser(ObjectReadContext.empty(), text)) {
      JsonToken first = parser.nextToken();
      if (first != JsonToken.START_OBJECT) {
        throw Refusals.of("body", first == null ? "is required" : "must be an object");
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        field = parser.currentName();
        read(parser, field, json);
      }
      field = "body";
      if (parser.nextToken() != null) {
        throw Refusals.of("body", "must be one document");
      }
    } catch (StreamConstraintsException e) {
      throw Refusals.of(
          field,
          "must not be nested deeper than "
              + Json.MAX_DEPTH
              + " or hold a number of more than "
              + Json.MAX_NUMBER
              + " characters");
    } catch (JacksonException e) {
      throw Refusals.of("body", "is not well-formed JSON" + place(e.getLocation()));
    }
  }

  private static String place(TokenStreamLocation at) {
    return at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
  }

  private void read(JsonParser parser, String name, String json) {
    JsonToken token = parser.nextToken();
    Object value =
        switch (token) {
          case VALUE_STRING -> parser.getString();
          case VALUE_NUMBER_INT -> parser.getBigIntegerValue();
          case START_OBJECT -> object(parser, name, json);
          default -> token;
        };
    parser.skipChildren();
    if (values.put(name, value) != null) {
      refuse(name, "must not be given more than once");
    }
  }

  private RawJson object(JsonParser parser, String name, String json) {
    int start = (int) parser.currentTokenLocation().getCharOffset();
    if (skipsDuplicates(parser)) {
      refuse(name, "must not have a key twice");
    }
    return new RawJson(json.substring(start, (int) parser.currentLocation().getCharOffset()));
  }

  /** Moves on to the end of the object; says whether it, or one in it, has a key twice. */
  private static boolean skipsDuplicates(JsonParser parser) {
    boolean duplicates = false;
    Deque<Set<String>> keys = new ArrayDeque<>();
    keys.push(new HashSet<>());
    while (!keys.isEmpty()) {
      switch (parser.nextToken()) {
        case START_OBJECT -> keys.push(new HashSet<>());
        case END_OBJECT -> keys.pop();
        case PROPERTY_NAME -> duplicates |= !keys.element().add(parser.currentName());
        default -> {}
      }
    }
    return duplicates;
  }

  /** Whether there is one of that name to take, and not null. */
  boolean has(String name) {
    Object value = values.get(name);
    return value != null && value != JsonToken.VALUE_NULL;
  }

  /** The names of those that nobody took yet. */
  List<String> names() {
    return List.copyOf(values.keySet());
  }

  /** A text of at most that many characters; null where it is absent or refused. */
  String text(String name, int max) {
    Object value = take(name);
    if (!(value instanceof String text)) {
      refuseUnless(value == null, name, "must be text");
      return null;
    }
    boolean isWhole = !Texts.hasLoneSurrogate(text);
    refuseUnless(isWhole, name, HALF);
    boolean isShort = Rules.isAtMost(max, text);
    refuseUnless(isShort, name, "must have at most " + max + " characters");
    return isWhole && isShort ? text : null;
  }

  /** True or false; false where it is absent or refused. */
  boolean flag(String name) {
    Object value = take(name);
    boolean isFlag = value == JsonToken.VALUE_TRUE || value == JsonToken.VALUE_FALSE;
    refuseUnless(value == null || isFlag, name, "must be true or false");
    return value == JsonToken.VALUE_TRUE;
  }

  /** A whole number from 0 on; 0 where it is absent or refused. */
  long number(String name, long max) {
    Object value = take(name);
    boolean isWell =
        value instanceof BigInteger number
            && number.signum() >= 0
            && number.compareTo(BigInteger.valueOf(max)) <= 0;
    refuseUnless(value == null || isWell, name, "must be a whole number from 0 to " + max);
    return isWell ? ((BigInteger) value).longValue() : 0;
  }

  /** A lease's length; null where it is absent or refused. */
  Duration lease(String name) {
    Object value = take(name);
    Duration lease =
        value instanceof String text
            ? IsoDuration.parse(text).filter(SessionSettings.LEASE::allows).orElse(null)
            : null;
    refuseUnless(value == null || lease != null, name, SessionSettings.LEASE.rule());
    return lease;
  }

  /** An id; null where it is absent or refused. */
  String id(String name) {
    Object value = take(name);
    boolean isId = value instanceof String text && Rules.isId(text);
    refuseUnless(value == null || isId, name, Rules.ID);
    return isId ? (String) value : null;
  }

  /** An object of the client's own, as it came; null where it is absent or refused. */
  RawJson object(String name) {
    Object value = take(name);
    if (!(value instanceof RawJson json)) {
      refuseUnless(value == null, name, "must be an object");
      return null;
    }
    boolean isShort =
        json.text().length() <= Json.MAX_OBJECT
            && json.text().getBytes(StandardCharsets.UTF_8).length <= Json.MAX_OBJECT;
    refuseUnless(isShort, name, "must be at most " + Json.MAX_OBJECT + " bytes");
    refuseUnless(!Texts.escapesLoneSurrogate(json.text()), name, HALF);
    return json;
  }

  /** The members of an object in this one, none where it is absent. */
  Members members(String name) {
    Members members = new Members(prefix + name + ".", refusals);
    Object value = take(name);
    if (value instanceof RawJson json) {
      members.read(json.text());
    } else {
      refuseUnless(value == null, name, "must be an object");
    }
    return members;
  }

  private Object take(String name) {
    Object value = values.remove(name);
    return value == JsonToken.VALUE_NULL ? null : value;
  }

  private void refuseUnless(boolean isWell, String name, String message) {
    if (!isWell) {
      refuse(name, message);
    }
  }

  void refuse(String name, String message) {
    refusals.add(prefix + name, message);
  }

  /** Refuses the body where there is none of that name. */
  void require(String name) {
    if (!has(name)) {
      refuse(name, "is required");
    }
  }

  /** Refuses the object itself. */
  void refuseAll(String message) {
    refusals.add(prefix.substring(0, prefix.length() - 1), message);
  }

  /** Refuses what was not taken, and the body where anything was refused. */
  void refuseOthers() {
    refuseUntaken();
    refusals.throwIfAny();
  }

  /** Refuses what was not taken. */
  void refuseUntaken() {
    names().forEach(name -> refuse(name, "is no field of this body"));
  }
}
