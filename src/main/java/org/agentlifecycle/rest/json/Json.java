package org.agentlifecycle.rest.json;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Arrays;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.Output;
import org.agentlifecycle.agent.RawJson;
import org.agentlifecycle.agent.Waiting;
import org.agentlifecycle.agent.WireName;
import org.agentlifecycle.feed.EventId;
import org.agentlifecycle.feed.FeedEvent;
import org.agentlifecycle.session.AgentSession;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdSerializer;

/** The JSON mapper of this service, with the JSON forms of the domain's types. */
public final class Json {
  /**
   * Maximum depth of an object of a client ({@code metadata}, {@code context}), itself included.
   */
  public static final int MAX_DEPTH = 16;

  /** Maximum length of an object of a client, in bytes of UTF-8 as sent. */
  public static final int MAX_OBJECT_LENGTH = 16 * 1024;

  /** Maximum number of characters of a number. */
  public static final int MAX_NUMBER_LENGTH = 1000;

  /** Levels of a request above the object of a client: document, calls, call, its members. */
  private static final int LEVELS_ABOVE = 4;

  /**
   * Writes responses. Members that are null are omitted, and the order of members is that of the
   * record.
   */
  public static final JsonMapper MAPPER =
      JsonMapper.builder(factory())
          .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .changeDefaultPropertyInclusion(
              value -> value.withValueInclusion(JsonInclude.Include.NON_NULL))
          .addModule(
              new SimpleModule()
                  .addSerializer(text(Instant.class, Timestamps::format))
                  .addSerializer(text(AgentStatus.class, AgentStatus::wireName))
                  .addSerializer(text(WireName.class, WireName::wireName))
                  .addSerializer(raw(Double.class, Json::number))
                  .addSerializer(text(EventId.class, EventId::toString))
                  .addSerializer(raw(RawJson.class, RawJson::text))
                  .addSerializer(raw(FeedEvent.class, FeedEvent::json))
                  .setMixInAnnotation(Agent.class, AgentMixIn.class)
                  .setMixInAnnotation(Output.class, OutputMixIn.class)
                  .setMixInAnnotation(Waiting.class, WaitingMixIn.class)
                  .setMixInAnnotation(AgentSession.class, AgentSessionMixIn.class))
          .build();

  private Json() {}

  /**
   * Property names of requests are not cached, because clients choose them and could fill the
   * memory with them.
   */
  private static JsonFactory factory() {
    return JsonFactory.builder()
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(LEVELS_ABOVE + MAX_DEPTH)
                .maxNumberLength(MAX_NUMBER_LENGTH)
                .maxNameLength(Integer.MAX_VALUE)
                .build())
        .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
        .build();
  }

  /** Returns the document, with a newline at its end for the prompt of a terminal. */
  public static byte[] write(Object value) {
    byte[] document = MAPPER.writeValueAsBytes(value);
    byte[] line = Arrays.copyOf(document, document.length + 1);
    line[document.length] = '\n';
    return line;
  }

  /** Returns the number without an exponent; a whole number has no decimals. */
  private static String number(Double number) {
    return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
  }

  private static <T> StdSerializer<T> text(Class<T> type, Function<T, String> format) {
    return serializer(type, (value, json) -> json.writeString(format.apply(value)));
  }

  /** The text is valid JSON already. */
  private static <T> StdSerializer<T> raw(Class<T> type, Function<T, String> format) {
    return serializer(type, (value, json) -> json.writeRawValue(format.apply(value)));
  }

  private static <T> StdSerializer<T> serializer(
      Class<T> type, BiConsumer<T, JsonGenerator> writer) {
    return new StdSerializer<>(type) {
      @Override
      public void serialize(T value, JsonGenerator json, SerializationContext context) {
        writer.accept(value, json);
      }
    };
  }
}
