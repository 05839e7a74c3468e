package org.agentlifecycle.rest.wait;

import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.feed.Waiter;
import org.agentlifecycle.rest.RestApplication;
import org.agentlifecycle.rest.binding.Constraints;
import org.agentlifecycle.rest.http.AcceptHeader;
import org.agentlifecycle.rest.problem.ProblemException;
import org.agentlifecycle.rest.request.EntityTags;
import org.agentlifecycle.rest.request.UrlText;

/** A read of an agent that the client wants only if the entity tag is another one. */
final class ConditionalRead {
  private static final String AGENTS = RestApplication.PATH + "/agents/";
  private static final String IF_NONE_MATCH = "If-None-Match";
  private static final String IF_MATCH = "If-Match";

  private final String agentId;
  private final EntityTags known;
  private final int seconds;
  private final long end;
  private Waiter waiter;

  private ConditionalRead(String agentId, EntityTags known, int seconds) {
    this.agentId = agentId;
    this.known = known;
    this.seconds = seconds;
    end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
  }

  /**
   * Returns the read; null if the request does not wait. An invalid request does not wait, because
   * the resource rejects it.
   */
  static ConditionalRead of(HttpServletRequest request) {
    if (request.getHeader(PreferHeader.NAME) == null || !isConditionalRead(request)) {
      return null;
    }
    int seconds = PreferHeader.waitSeconds(lines(request, PreferHeader.NAME));
    String path = UrlText.decode(request.getRequestURI());
    if (seconds == 0 || path == null) {
      return null;
    }
    try {
      String id = Constraints.agentId(path.substring(AGENTS.length()));
      EntityTags known = EntityTags.of(IF_NONE_MATCH, lines(request, IF_NONE_MATCH));
      return known.versions() == null ? null : new ConditionalRead(id, known, seconds);
    } catch (ProblemException invalid) {
      return null;
    }
  }

  private static boolean isConditionalRead(HttpServletRequest request) {
    String method = request.getMethod();
    return (method.equals("HEAD") || (method.equals("GET") && acceptsJson(request)))
        && request.getHeader(IF_NONE_MATCH) != null
        && request.getHeader(IF_MATCH) == null
        && request.getQueryString() == null
        && request.getRequestURI().startsWith(AGENTS);
  }

  private static boolean acceptsJson(HttpServletRequest request) {
    return AcceptHeader.of(lines(request, AcceptHeader.NAME)).permits("application/json");
  }

  private static List<String> lines(HttpServletRequest request, String name) {
    return Collections.list(request.getHeaders(name));
  }

  String agentId() {
    return agentId;
  }

  boolean isCurrent(Agent agent) {
    return known.matchesWeakly(agent);
  }

  Duration remaining() {
    return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
  }

  /** Returns the preference as the service applies it. */
  String applied() {
    return "wait=" + seconds;
  }

  /** Returns the last waiter; null before the first one. */
  Waiter waiter() {
    return waiter;
  }

  void waitWith(Waiter next) {
    waiter = next;
  }
}
