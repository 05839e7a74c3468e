package org.agentlifecycle.rest.http;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.Locale;
import org.agentlifecycle.rest.RestApplication;
import org.agentlifecycle.rest.binding.Constraints;
import org.agentlifecycle.rest.problem.ProblemException;
import org.agentlifecycle.rest.problem.Problems;
import org.agentlifecycle.rest.problem.UriText;
import org.agentlifecycle.rest.problem.ValidationErrors;
import org.agentlifecycle.rest.request.QueryParameters;
import org.agentlifecycle.rest.request.UrlText;

/** Validates the parts of the path, the query and the headers that all calls have in common. */
final class RequestHeadValidator {
  private static final String AGENTS = RestApplication.PATH + "/agents/";

  private RequestHeadValidator() {}

  /**
   * @throws ProblemException if the request is invalid
   */
  static void check(HttpServletRequest request) {
    checkPath(request.getRequestURI());
    if (request.getQueryString() != null) {
      QueryParameters.of(request).rejectMalformed();
    }
    AcceptHeader.of(Collections.list(request.getHeaders(AcceptHeader.NAME)));
    if (hasBody(request)) {
      checkBody(request);
    }
  }

  static boolean hasBody(HttpServletRequest request) {
    return request.getContentLengthLong() > 0 || request.getHeader("Transfer-Encoding") != null;
  }

  /**
   * Rejects a path with invalid characters or escapes, or with matrix parameters. The servers
   * ignore matrix parameters, and fail with an internal error or an empty response for the others.
   */
  static void checkPath(String path) {
    if (!hasValidCharacters(path) || (path.indexOf('%') >= 0 && UrlText.decode(path) == null)) {
      throw path.startsWith(AGENTS)
          ? ValidationErrors.problem("agentId", Constraints.ID)
          : ValidationErrors.problem("path", "must have valid characters and no parameters");
    }
    if (path.endsWith("/") || path.contains("//")) {
      throw new ProblemException(Problems.ofStatus(404));
    }
  }

  private static boolean hasValidCharacters(String path) {
    for (int at = 0; at < path.length(); at++) {
      char c = path.charAt(at);
      if (c == ';' || !UriText.isPathCharacter(c)) {
        return false;
      }
    }
    return true;
  }

  private static void checkBody(HttpServletRequest request) {
    String encoding = request.getHeader("Content-Encoding");
    if (!isJson(request.getContentType())
        || (encoding != null && !encoding.strip().equalsIgnoreCase("identity"))) {
      throw new ProblemException(Problems.notJson());
    }
    BodyBuffer.checkLength(request);
  }

  /** The parameter {@code charset} must be UTF-8; other parameters are ignored. */
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
