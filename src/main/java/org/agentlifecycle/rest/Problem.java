package org.agentlifecycle.rest;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An answer of RFC 9457.
 *
 * @param type which kind
 * @param status 400 to 599: the type's own, except where a server chose it
 * @param detail a sentence for the client
 * @param members what else the client may want to know, by name
 * @param retryAfter when a retry makes sense, in whole seconds; null: it makes none
 * @param instance which occurrence this is; null: the request's path says it
 */
record Problem(
    ProblemType type,
    int status,
    String detail,
    Map<String, Object> members,
    Duration retryAfter,
    String instance) {

  static final String MEDIA_TYPE = "application/problem+json";

  static Problem of(ProblemType type, String detail) {
    return new Problem(type, type.status(), detail, Map.of(), null, null);
  }

  Problem with(String name, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(members);
    more.put(name, value);
    return new Problem(type, status, detail, more, retryAfter, instance);
  }

  Problem withStatus(int other) {
    return new Problem(type, other, detail, members, retryAfter, instance);
  }

  Problem withInstance(String occurrence) {
    return new Problem(type, status, detail, members, retryAfter, occurrence);
  }

  /** The value of {@code Retry-After}; null where there is none. */
  String retryAfterSeconds() {
    return retryAfter == null
        ? null
        : Long.toString(Math.max(1, (retryAfter.toMillis() + 999) / 1000));
  }

  /**
   * The document.
   *
   * @param path the request's path as it came
   */
  byte[] json(String path) {
    return JsonWriter.problem(this, instance == null ? Texts.asUri(path) : instance);
  }

  /** Answers with it where no JAX-RS is around. */
  void send(HttpServletResponse response, String path) throws IOException {
    byte[] json = json(path);
    response.setStatus(status);
    response.setContentType(MEDIA_TYPE);
    response.setContentLength(json.length);
    if (retryAfter != null) {
      response.setHeader("Retry-After", retryAfterSeconds());
    }
    response.getOutputStream().write(json);
  }
}
