package org.agentlifecycle.rest;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * Answers with a problem wherever nothing else of this service is, and where the server itself made
 * an error: {@code web.xml} names it as the error page. Every method comes here, TRACE too, which
 * an HttpServlet would keep to itself.
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

  /** Liberty refuses TRACE by itself where a servlet does not have this method. */
  @Override
  protected void doTrace(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    service(request, response);
  }

  private static Problem problem(HttpServletRequest request, String uri) {
    Object status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
    Object thrown = request.getAttribute(RequestDispatcher.ERROR_EXCEPTION);
    int code = status instanceof Integer chosen ? chosen : 404;
    if (code >= 500 && thrown instanceof Throwable fault) {
      return Problems.of(fault, request.getMethod() + " " + uri);
    }
    return code == 400 ? RequestHeadValidator.strangePath(uri).problem() : Problems.ofStatus(code);
  }
}
