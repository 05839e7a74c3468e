package org.agentlifecycle.rest.document;

import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import org.agentlifecycle.rest.problem.ProblemServlet;

/**
 * Serves the home page at {@code /} and the README that it links. A servlet of our own, because
 * {@link ProblemServlet} replaces the server's default servlet, which serves files.
 */
@WebServlet({"", HomePageServlet.README})
public class HomePageServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;

  static final String README = "/readme";

  /** The page needs its own style sheet and nothing else. */
  private static final String POLICY =
      "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none';"
          + " frame-ancestors 'none'";

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    boolean readme = README.equals(request.getServletPath());
    response.setContentType((readme ? "text/plain" : "text/html") + ";charset=UTF-8");
    response.setHeader("Cache-Control", "no-cache");
    response.setHeader("Content-Security-Policy", POLICY);
    response.setHeader("X-Content-Type-Options", "nosniff");
    String file = readme ? "/WEB-INF/README.md" : "/index.html";
    try (InputStream content = getServletContext().getResourceAsStream(file)) {
      content.transferTo(response.getOutputStream());
    }
  }
}
