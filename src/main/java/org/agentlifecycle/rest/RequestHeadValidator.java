package org.agentlifecycle.rest;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What a request's line and headers may be, as far as that does not depend on what is asked for.
 */
final class RequestHeadValidator {
  private static final String AGENTS = Api.PATH + "/agents/";

  /** What RFC 3986 allows in a path, without the semicolon that begins a matrix parameter. */
  private static final Pattern PATH = Pattern.compile("[A-Za-z0-9._~!$&'()*+,=:@/%-]*");

  private RequestHeadValidator() {}

  /** Throws the problem of the first thing that is not well. */
  static void check(HttpServletRequest request) {
    checkPath(request.getRequestURI());
    if (request.getQueryString() != null) {
      QueryParameters.of(request).refuseMalformed();
    }
    AcceptHeader.of(Collections.list(request.getHeaders(AcceptHeader.NAME)));
    if (hasBody(request)) {
      checkBody(request);
    }
  }

  static boolean hasBody(HttpServletRequest request) {
    return request.getContentLengthLong() > 0 || request.getHeader("Transfer-Encoding") != null;
  }

  /** A path must be plain and have no empty segment. */
  static void checkPath(String path) {
    if (!PATH.matcher(path).matches() || Percent.decode(path) == null) {
      throw strangePath(path);
    }
    if (path.endsWith("/") || path.contains("//")) {
      throw new ProblemException(Problems.ofStatus(404));
    }
  }

  /**
   * The rejection of a path that is not plain: below the agents it is an agent's id that is not.
   */
  static ProblemException strangePath(String path) {
    return path.startsWith(AGENTS)
        ? Refusals.of("agentId", Rules.ID)
        : Refusals.of("path", "must be plain, without parameters");
  }

  private static void checkBody(HttpServletRequest request) {
    String encoding = request.getHeader("Content-Encoding");
    if (!isJson(request.getContentType())
        || (encoding != null && !encoding.strip().equalsIgnoreCase("identity"))) {
      throw new ProblemException(RequestBody.notJson());
    }
    if (request.getContentLengthLong() > RequestBody.MAX_LENGTH) {
      throw new ProblemException(RequestBody.tooLarge());
    }
  }

  /** Of the parameters only a charset means anything, and it must be the one that JSON has. */
  static boolean isJson(String contentType) {
    if (contentType == null) {
      return false;
    }
    String[] parts = contentType.toLowerCase(Locale.ROOT).split(";");
    boolean json = parts.length > 0 && parts[0].strip().equals("application/json");
    for (int part = 1; part < parts.length; part++) {
      String parameter = parts[part].strip();
      json &=
          !parameter.startsWith("charset")
              || parameter.equals("charset=utf-8")
              || parameter.equals("charset=\"utf-8\"");
    }
    return json;
  }
}
