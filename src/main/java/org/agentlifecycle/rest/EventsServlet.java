package org.agentlifecycle.rest;

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

/**
 * The event feed: live as server-sent events, or page by page as JSON. A servlet and not a
 * resource, because only a servlet can write without blocking: JAX-RS' sinks hold a thread for each
 * client that does not read.
 */
@WebServlet(urlPatterns = Api.PATH + "/events", asyncSupported = true)
public class EventsServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;

  @Inject private transient LiveFeed live;
  @Inject private transient FeedPages pages;

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    try {
      answer(request, response);
    } catch (RuntimeException refused) {
      Problems.of(refused, request.getMethod() + " " + request.getRequestURI())
          .send(response, request.getRequestURI());
    }
  }

  private void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
    if (!request.getMethod().equals("GET")) {
      response.setHeader("Allow", "GET");
      throw new ProblemException(Problems.ofStatus(405));
    }
    switch (FeedRepresentation.wanted(request)) {
      case STREAM -> stream(request, response);
      case PAGE -> page(request, response);
      case NONE -> throw new ProblemException(Problems.ofStatus(406));
    }
  }

  private void page(HttpServletRequest request, HttpServletResponse response) throws IOException {
    FeedRequest asked = FeedRequest.page(request);
    byte[] json = JsonWriter.feed(pages.page(asked.after(), asked.filter(), asked.limit()));
    response.setContentType("application/json");
    response.setContentLength(json.length);
    response.getOutputStream().write(json);
  }

  private void stream(HttpServletRequest request, HttpServletResponse response) throws IOException {
    FeedRequest asked = FeedRequest.stream(request);
    EventStream stream = new EventStream(response);
    Follower follower = live.follow(asked.after(), asked.filter(), stream);
    try {
      AsyncContext async = request.startAsync();
      async.setTimeout(0);
      stream.open(async, follower);
    } catch (IOException | RuntimeException gone) {
      follower.close();
      throw gone;
    }
  }
}
