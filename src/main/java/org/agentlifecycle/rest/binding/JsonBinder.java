package org.agentlifecycle.rest.binding;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.Desired;
import org.agentlifecycle.agent.Parent;
import org.agentlifecycle.agent.RawJson;
import org.agentlifecycle.agent.Waiting;
import org.agentlifecycle.rest.json.Json;
import org.agentlifecycle.rest.problem.ValidationErrors;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

/**
 * Binds JSON to the record of a request and validates it. It reports all errors in one response,
 * except after JSON that is not well-formed.
 */
public final class JsonBinder {
  private static final JsonMapper MAPPER =
      Json.MAPPER
          .rebuild()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .addHandler(new UnknownFieldHandler())
          .addModule(
              new SimpleModule()
                  .addDeserializer(String.class, Scalars.text())
                  .addDeserializer(Boolean.class, Scalars.bool())
                  .addDeserializer(Long.class, Scalars.wholeNumber())
                  .addDeserializer(Double.class, Scalars.number())
                  .addDeserializer(Duration.class, Scalars.duration())
                  .addDeserializer(Desired.Mode.class, Scalars.name(Desired.Mode.class))
                  .addDeserializer(Parent.OnEnd.class, Scalars.name(Parent.OnEnd.class))
                  .addDeserializer(Waiting.Kind.class, Scalars.name(Waiting.Kind.class))
                  .addDeserializer(AgentStatus.class, Scalars.status())
                  .addDeserializer(RawJson.class, new RawJsonDeserializer())
                  .setDeserializerModifier(new ObjectDeserializer.Modifier()))
          .build();

  private static final Map<Class<?>, ObjectReader> READERS = new ConcurrentHashMap<>();

  private JsonBinder() {}

  /**
   * Returns the content of a body.
   *
   * @throws org.agentlifecycle.rest.problem.ProblemException if the body is invalid
   */
  public static <T extends JsonRequest> JsonBody<T> bind(Class<T> type, String text) {
    String document = isAbsent(text) && isOptional(type) ? "{}" : text;
    Binding binding = new Binding(document);
    T content = read(type, binding);
    RequestValidator.validate(content, binding.errors());
    content.check(binding.errors());
    binding.errors().throwIfAny();
    return new JsonBody<>(content, document);
  }

  private static boolean isAbsent(String text) {
    return text.isEmpty() || text.strip().equals("null");
  }

  private static boolean isOptional(Class<?> type) {
    return type.isAnnotationPresent(OptionalBody.class);
  }

  private static <T> T read(Class<T> type, Binding binding) {
    ObjectReader reader =
        READERS.computeIfAbsent(type, MAPPER::readerFor).withAttribute(Binding.class, binding);
    try (JsonParser parser = reader.createParser(binding.text().toCharArray())) {
      JsonToken first = parser.nextToken();
      if (first != JsonToken.START_OBJECT) {
        throw ValidationErrors.problem("body", first == null ? "is required" : "must be an object");
      }
      T content = reader.readValue(parser);
      if (parser.nextToken() != null) {
        throw ValidationErrors.problem("body", "must be one document");
      }
      return content;
    } catch (StreamConstraintsException e) {
      throw binding.rejectTooComplex();
    } catch (StreamReadException e) {
      throw binding.rejectMalformed(e);
    }
  }
}
