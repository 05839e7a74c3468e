package org.agentlifecycle.rest;

import jakarta.servlet.http.HttpServletRequest;
import java.util.regex.Pattern;

/**
 * What a request's line and headers may be, as far as that does not depend on what is asked for.
 */
final class RequestHead {
  private static final String AGENTS = Api.PATH + "/agents/";

  /** What RFC 3986 allows in a path, without the semicolon that begins a matrix parameter. */
  private static final Pattern PATH = Pattern.compile("[A-Za-z0-9._~!$&'()*+,=:@/%-]*");

  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._~:\\[\\]-]*");

  private static final String TOKEN = "[A-Za-z0-9!#$%&'*+.^_`|~-]++";

  /**
   * Media ranges; Java's own HttpURLConnection sends {@code *; q=.2}, which is none by the book.
   */
  private static final Pattern ACCEPT =
      Pattern.compile(
          "(?:\\s*+(?:T/T|\\*)?+(?:\\s*+;\\s*+(?:[qQ]=[01]?\\.?[0-9]*+|(?![qQ]=)T=(?:T|\"[^\"]*+\")))*+\\s*+,?+)*+"
              .replace("T", TOKEN));

  /** Any other parameter is none of JSON's and means nothing (RFC 8259, 11). */
  private static final Pattern JSON =
      Pattern.compile(
          "application/json\\s*(;\\s*(charset=(utf-8|\"utf-8\"))?\\s*)*", Pattern.CASE_INSENSITIVE);

  private RequestHead() {}

  /** Throws the problem of the first thing that is not well. */
  static void check(HttpServletRequest request) {
    checkPath(request.getRequestURI());
    QueryParameters.of(request).refuseMalformed();
    String host = request.getHeader("Host");
    if (host != null && !HOST.matcher(host).matches()) {
      throw Refusals.of("Host", "must be a host and a port");
    }
    String accept = request.getHeader("Accept");
    if (accept != null && !ACCEPT.matcher(accept).matches()) {
      throw new ProblemException(Problems.ofStatus(406));
    }
    if (request.getContentLengthLong() > 0 || request.getHeader("Transfer-Encoding") != null) {
      checkBody(request);
    }
  }

  /** A path must be plain; where it is that of an agent, it is the agent's id that is not. */
  static void checkPath(String path) {
    if (!PATH.matcher(path).matches() || Percent.decode(path) == null) {
      throw path.startsWith(AGENTS)
          ? Refusals.of("agentId", Rules.ID)
          : Refusals.of("path", "must be plain, without parameters");
    }
    if (path.endsWith("/") || path.contains("//")) {
      throw new ProblemException(Problems.ofStatus(404));
    }
  }

  private static void checkBody(HttpServletRequest request) {
    String type = request.getContentType();
    String encoding = request.getHeader("Content-Encoding");
    if (type == null
        || !JSON.matcher(type.strip()).matches()
        || encoding != null && !encoding.strip().equalsIgnoreCase("identity")) {
      throw new ProblemException(RequestBody.notJson());
    }
    if (request.getContentLengthLong() > RequestBody.MAX_LENGTH) {
      throw new ProblemException(RequestBody.tooLarge());
    }
  }
}
