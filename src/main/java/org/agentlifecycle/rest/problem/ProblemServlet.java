package org.agentlifecycle.rest.problem;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * Sends a problem for every path without a resource, and for every error of the server: {@code
 * web.xml} names it as the error page. It accepts every method.
 */
@WebServlet(urlPatterns = "/", asyncSupported = true)
public class ProblemServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Object path = request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI);
    String uri = path == null ? request.getRequestURI() : path.toString();
    problem(request, uri).send(response, uri);
  }

  /** Open Liberty itself rejects TRACE if a servlet does not declare this method. */
  @Override
  protected void doTrace(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    service(request, response);
  }

  private static ProblemDetail problem(HttpServletRequest request, String uri) {
    Object status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
    Object thrown = request.getAttribute(RequestDispatcher.ERROR_EXCEPTION);
    int code = status instanceof Integer chosen ? chosen : 404;
    if (code >= 500 && thrown instanceof Throwable fault) {
      return Problems.of(fault, request.getMethod() + " " + uri);
    }
    return Problems.ofStatus(code);
  }
}
