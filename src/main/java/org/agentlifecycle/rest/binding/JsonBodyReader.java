package org.agentlifecycle.rest.binding;

import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.ext.MessageBodyReader;
import jakarta.ws.rs.ext.Provider;
import java.io.IOException;
import java.io.InputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.agentlifecycle.rest.problem.Problems;
import org.agentlifecycle.rest.problem.ValidationErrors;

/**
 * Reads request bodies. It accepts every media type, because a filter has rejected bodies that are
 * not JSON, and a request without a body needs no media type.
 */
@Provider
public class JsonBodyReader implements MessageBodyReader<JsonBody<?>> {
  private static final char REPLACEMENT = '\ufffd';

  @Override
  public boolean isReadable(
      Class<?> type, Type genericType, Annotation[] annotations, MediaType mediaType) {
    return type == JsonBody.class;
  }

  @Override
  public JsonBody<?> readFrom(
      Class<JsonBody<?>> type,
      Type genericType,
      Annotation[] annotations,
      MediaType mediaType,
      MultivaluedMap<String, String> headers,
      InputStream stream) {
    Class<?> content = (Class<?>) ((ParameterizedType) genericType).getActualTypeArguments()[0];
    return JsonBinder.bind(content.asSubclass(JsonRequest.class), decode(read(stream)));
  }

  private static byte[] read(InputStream stream) {
    try {
      return stream.readAllBytes();
    } catch (IOException e) {
      throw Problems.bodyInterrupted(e);
    }
  }

  /**
   * Decodes the body. The fast decoder replaces invalid bytes by U+FFFD; the strict decoder then
   * decides whether the client sent this character.
   */
  public static String decode(byte[] octets) {
    String text = new String(octets, StandardCharsets.UTF_8);
    if (text.indexOf(REPLACEMENT) >= 0) {
      try {
        StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets));
      } catch (CharacterCodingException e) {
        throw ValidationErrors.problem("body", "must be UTF-8");
      }
    }
    return text;
  }
}
