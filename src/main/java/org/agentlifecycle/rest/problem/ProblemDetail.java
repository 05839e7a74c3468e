package org.agentlifecycle.rest.problem;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.agentlifecycle.rest.json.Json;

/**
 * Error response of RFC 9457.
 *
 * @param type the type of the problem
 * @param status 400 to 599: that of the type, unless a server chose another one
 * @param detail a sentence for the client
 * @param members further members, by name
 * @param retryAfter time after which a retry makes sense; null: none does
 * @param instance URI of this occurrence; null: the path of the request
 */
public record ProblemDetail(
    ProblemType type,
    int status,
    String detail,
    Map<String, Object> members,
    Duration retryAfter,
    String instance) {

  public static final String MEDIA_TYPE = "application/problem+json";

  /** The JSON document. */
  public record Document(
      String type,
      String title,
      int status,
      String detail,
      String instance,
      @JsonAnyGetter Map<String, Object> members) {}

  public static ProblemDetail of(ProblemType type, String detail) {
    return new ProblemDetail(type, type.status(), detail, Map.of(), null, null);
  }

  /** Returns the problem with one more member. */
  public ProblemDetail with(String name, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(members);
    more.put(name, value);
    return new ProblemDetail(type, status, detail, more, retryAfter, instance);
  }

  ProblemDetail withStatus(int other) {
    return new ProblemDetail(type, other, detail, members, retryAfter, instance);
  }

  ProblemDetail withInstance(String occurrence) {
    return new ProblemDetail(type, status, detail, members, retryAfter, occurrence);
  }

  /** Returns the value of {@code Retry-After} in seconds; null if there is none. */
  public Long retryAfterSeconds() {
    return retryAfter == null ? null : Math.max(1, (retryAfter.toMillis() + 999) / 1000);
  }

  /**
   * Returns the document.
   *
   * @param path path of the request as sent
   */
  public Document document(String path) {
    return new Document(
        type.uri(),
        type.title(),
        status,
        detail,
        instance == null ? UriText.encode(path) : instance,
        members);
  }

  /** Returns the document as JSON. */
  byte[] json(String path) {
    return Json.write(document(path));
  }

  /**
   * Sends the problem as the response of a servlet or filter.
   *
   * @param path path of the request as sent
   */
  public void send(HttpServletResponse response, String path) throws IOException {
    byte[] json = json(path);
    response.setStatus(status);
    response.setContentType(MEDIA_TYPE);
    response.setContentLength(json.length);
    if (retryAfter != null) {
      response.setHeader("Retry-After", retryAfterSeconds().toString());
    }
    response.getOutputStream().write(json);
  }
}
