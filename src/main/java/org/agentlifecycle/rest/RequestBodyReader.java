package org.agentlifecycle.rest;

import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.ext.MessageBodyReader;
import jakarta.ws.rs.ext.Provider;
import java.io.InputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Type;

/**
 * Hands bodies to the resources. For every media type, because {@link RequestValidationFilter} has
 * seen to that, and a request without a body needs none.
 */
@Provider
public class RequestBodyReader implements MessageBodyReader<RequestBody> {

  @Override
  public boolean isReadable(
      Class<?> type, Type genericType, Annotation[] annotations, MediaType mediaType) {
    return type == RequestBody.class;
  }

  @Override
  public RequestBody readFrom(
      Class<RequestBody> type,
      Type genericType,
      Annotation[] annotations,
      MediaType mediaType,
      MultivaluedMap<String, String> headers,
      InputStream stream) {
    return RequestBody.read(stream);
  }
}
