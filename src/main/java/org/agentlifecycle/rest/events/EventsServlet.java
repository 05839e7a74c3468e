package org.agentlifecycle.rest.events;

import jakarta.inject.Inject;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.agentlifecycle.feed.FeedPages;
import org.agentlifecycle.feed.Follower;
import org.agentlifecycle.feed.LiveFeed;
import org.agentlifecycle.rest.RestApplication;
import org.agentlifecycle.rest.json.Json;
import org.agentlifecycle.rest.problem.ProblemException;
import org.agentlifecycle.rest.problem.Problems;
import org.agentlifecycle.rest.request.EventListParams;
import org.agentlifecycle.rest.response.EventPage;

/**
 * The event feed, as a stream of server-sent events or as pages of JSON. It is a servlet, because a
 * servlet can write without blocking: the sinks of JAX-RS hold a thread for each client that does
 * not read.
 */
@WebServlet(urlPatterns = RestApplication.PATH + "/events", asyncSupported = true)
public class EventsServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;
  private static final String METHODS = "GET, HEAD, OPTIONS";

  @Inject private transient LiveFeed live;
  @Inject private transient FeedPages pages;

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    try {
      switch (request.getMethod()) {
        case "GET", "HEAD" -> read(request, response);
        case "OPTIONS" -> options(response);
        default -> {
          response.setHeader("Allow", METHODS);
          throw new ProblemException(Problems.ofStatus(405));
        }
      }
    } catch (RuntimeException rejected) {
      Problems.of(rejected, request.getMethod() + " " + request.getRequestURI())
          .send(response, request.getRequestURI());
    }
  }

  private static void options(HttpServletResponse response) {
    response.setHeader("Allow", METHODS);
    response.setStatus(HttpServletResponse.SC_NO_CONTENT);
  }

  private void read(HttpServletRequest request, HttpServletResponse response) throws IOException {
    response.setHeader("Vary", "Accept");
    switch (FeedRepresentation.negotiate(request)) {
      case STREAM -> stream(request, response);
      case PAGE -> page(request, response);
      case NONE -> throw new ProblemException(Problems.ofStatus(406));
    }
  }

  private static boolean isHead(HttpServletRequest request) {
    return request.getMethod().equals("HEAD");
  }

  private void page(HttpServletRequest request, HttpServletResponse response) throws IOException {
    EventListParams query = EventListParams.page(request);
    byte[] json =
        Json.write(EventPage.of(pages.page(query.after(), query.filter(), query.limit())));
    response.setContentType("application/json");
    response.setContentLength(json.length);
    if (!isHead(request)) {
      response.getOutputStream().write(json);
    }
  }

  private void stream(HttpServletRequest request, HttpServletResponse response) throws IOException {
    EventListParams query = EventListParams.stream(request);
    if (isHead(request)) {
      SseStream.setHeaders(response);
      return;
    }
    SseStream stream = new SseStream(response);
    Follower follower = live.follow(query.after(), query.filter(), stream);
    try {
      AsyncContext async = request.startAsync();
      async.setTimeout(0);
      stream.open(async, follower);
    } catch (IOException | RuntimeException disconnected) {
      follower.close();
      throw disconnected;
    }
  }
}
