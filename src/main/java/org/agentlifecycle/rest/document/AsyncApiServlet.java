package org.agentlifecycle.rest.document;

import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServletRequest;

/** Serves the AsyncAPI document, which describes the events. */
@WebServlet("/asyncapi")
public class AsyncApiServlet extends DocumentServlet {
  private static final long serialVersionUID = 1L;

  /** As plain text, because a browser downloads every other media type of YAML. */
  @Override
  public Representation representation(HttpServletRequest request) {
    return new Representation(TEXT, read("/META-INF/asyncapi.yaml"));
  }
}
