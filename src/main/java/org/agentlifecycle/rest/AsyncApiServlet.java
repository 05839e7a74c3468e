package org.agentlifecycle.rest;

import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;

/** The document of the events, beside that of the calls, which the server itself gives. */
@WebServlet("/asyncapi")
public class AsyncApiServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setContentType("application/yaml;charset=UTF-8");
    try (InputStream document =
        AsyncApiServlet.class.getResourceAsStream("/META-INF/asyncapi.yaml")) {
      document.transferTo(response.getOutputStream());
    }
  }
}
