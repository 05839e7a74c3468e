package org.agentlifecycle.rest.binding;

import java.math.BigInteger;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.WireName;
import org.agentlifecycle.config.IsoDuration;
import org.agentlifecycle.rest.json.Surrogates;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.deser.std.StdDeserializer;

/**
 * Deserializers of scalars without coercion: {@code 5} is not text, {@code "true"} is not a
 * boolean. A rejected value is null.
 */
final class Scalars {
  static final String LONE_SURROGATE = "must not contain a lone surrogate";

  private static final BigInteger MAX_LONG = BigInteger.valueOf(Long.MAX_VALUE);
  private static final BigInteger MIN_LONG = BigInteger.valueOf(Long.MIN_VALUE);

  private Scalars() {}

  static StdDeserializer<String> text() {
    return new StdDeserializer<>(String.class) {
      @Override
      public String deserialize(JsonParser parser, DeserializationContext context) {
        String text = string(parser).orElse(null);
        if (text == null) {
          Binding.of(context).reject(parser, "must be text");
        } else if (Surrogates.hasLone(text)) {
          Binding.of(context).reject(parser, LONE_SURROGATE);
          return null;
        }
        return text;
      }
    };
  }

  static StdDeserializer<Boolean> bool() {
    return scalar(
        Boolean.class,
        "must be true or false",
        parser -> parser.currentToken().isBoolean() ? parser.getBooleanValue() : null);
  }

  /** A number that no long can represent becomes the nearest long; its range is checked later. */
  static StdDeserializer<Long> wholeNumber() {
    return scalar(
        Long.class,
        "must be a whole number",
        parser ->
            parser.hasToken(JsonToken.VALUE_NUMBER_INT)
                ? parser.getBigIntegerValue().min(MAX_LONG).max(MIN_LONG).longValue()
                : null);
  }

  static StdDeserializer<Duration> duration() {
    return scalar(
        Duration.class,
        "must be an ISO-8601 duration such as PT30S",
        parser -> string(parser).flatMap(IsoDuration::parse).orElse(null));
  }

  static StdDeserializer<Double> number() {
    return scalar(
        Double.class,
        "must be a number",
        parser -> parser.currentToken().isNumeric() ? parser.getDoubleValue() : null);
  }

  /** An enum with wire names. */
  static <T extends Enum<T> & WireName> StdDeserializer<T> name(Class<T> type) {
    T[] constants = type.getEnumConstants();
    return scalar(
        type,
        "must be one of "
            + Arrays.stream(constants).map(WireName::wireName).collect(Collectors.joining(", ")),
        parser -> string(parser).flatMap(name -> WireName.find(constants, name)).orElse(null));
  }

  static StdDeserializer<AgentStatus> status() {
    return scalar(
        AgentStatus.class,
        "must be one of " + Constraints.STATUSES,
        parser -> string(parser).flatMap(AgentStatus::ofWireName).orElse(null));
  }

  private static Optional<String> string(JsonParser parser) {
    return parser.hasToken(JsonToken.VALUE_STRING)
        ? Optional.of(parser.getString())
        : Optional.empty();
  }

  /**
   * @param read returns the value of the current token; null if the token is invalid
   */
  private static <T> StdDeserializer<T> scalar(
      Class<T> type, String rule, Function<JsonParser, T> read) {
    return new StdDeserializer<>(type) {
      @Override
      public T deserialize(JsonParser parser, DeserializationContext context) {
        T value = read.apply(parser);
        if (value == null) {
          Binding.of(context).reject(parser, rule);
        }
        return value;
      }
    };
  }
}
