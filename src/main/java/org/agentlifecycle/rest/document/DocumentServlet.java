package org.agentlifecycle.rest.document;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.agentlifecycle.rest.http.AcceptHeader;
import org.agentlifecycle.rest.problem.ProblemException;
import org.agentlifecycle.rest.problem.Problems;

/** Serves one of the API documents of the application. */
public abstract class DocumentServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;

  static final String TEXT = "text/plain;charset=UTF-8";

  /**
   * One form of the document.
   *
   * @param mediaType value of {@code Content-Type}
   * @param bytes the document
   */
  public record Representation(String mediaType, byte[] bytes) {}

  /** Returns the representation that the request asks for. */
  abstract Representation representation(HttpServletRequest request);

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    try {
      switch (request.getMethod()) {
        case "GET", "HEAD" -> send(representation(request), request, response);
        case "OPTIONS" -> allow(response);
        default -> {
          allow(response);
          throw new ProblemException(Problems.ofStatus(405));
        }
      }
    } catch (ProblemException rejection) {
      rejection.problem().send(response, request.getRequestURI());
    }
  }

  /** Open Liberty itself rejects TRACE if a servlet does not declare this method. */
  @Override
  protected void doTrace(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    service(request, response);
  }

  private static void allow(HttpServletResponse response) {
    response.setHeader("Allow", "GET, HEAD, OPTIONS");
  }

  private static void send(
      Representation representation, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setHeader("Cache-Control", "no-cache");
    response.setHeader("Vary", AcceptHeader.NAME);
    response.setContentType(representation.mediaType());
    response.setContentLength(representation.bytes().length);
    if (!request.getMethod().equals("HEAD")) {
      response.getOutputStream().write(representation.bytes());
    }
  }

  /** Reads a file of the application. */
  public static byte[] read(String path) {
    try (InputStream document = DocumentServlet.class.getResourceAsStream(path)) {
      return document.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + path, e);
    }
  }
}
