package org.agentlifecycle.rest;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.feed.EventId;
import org.agentlifecycle.feed.FeedFilter;
import org.agentlifecycle.feed.FeedPages;

/**
 * A request for a page or a stream of the feed.
 *
 * @param after the position after which it begins; null: the newest event
 * @param filter the criteria of the events
 * @param limit the maximum number of events of a page
 */
record FeedRequest(EventId after, FeedFilter filter, int limit) {
  private static final String NOW = "now";
  private static final String TYPES =
      Arrays.stream(AgentEvent.Type.values())
          .map(AgentEvent.Type::wireName)
          .collect(Collectors.joining(", "));

  /** Parses the request for a page, which begins with the oldest event by default. */
  static FeedRequest page(HttpServletRequest request) {
    return page(QueryParameters.of(request));
  }

  static FeedRequest page(QueryParameters parameters) {
    String after = parameters.one("after");
    EventId position = after == null ? EventId.BEGINNING : position(parameters, after);
    FeedFilter filter = filter(parameters);
    int limit = parameters.limit(FeedPages.DEFAULT_LIMIT, FeedPages.MAX_LIMIT);
    parameters.refuseOthers();
    return new FeedRequest(position, filter, limit);
  }

  /**
   * Parses the request for a stream, which begins with new events by default. {@code
   * Last-Event-ID}, which a browser sends when it reconnects, takes precedence over {@code after}.
   */
  static FeedRequest stream(HttpServletRequest request) {
    return stream(QueryParameters.of(request), request.getHeader("Last-Event-ID"));
  }

  static FeedRequest stream(QueryParameters parameters, String lastEventId) {
    String after = parameters.one("after");
    EventId position = after == null ? null : position(parameters, after);
    EventId last = lastEventId == null ? null : id(parameters, "Last-Event-ID", lastEventId);
    FeedFilter filter = filter(parameters);
    parameters.refuseOthers();
    return new FeedRequest(last == null ? position : last, filter, 0);
  }

  private static EventId position(QueryParameters parameters, String after) {
    return after.equals(NOW) ? null : id(parameters, "after", after);
  }

  private static EventId id(QueryParameters parameters, String field, String text) {
    try {
      return EventId.parse(text);
    } catch (IllegalArgumentException invalid) {
      parameters.refusals().add(field, invalid.getMessage());
      return null;
    }
  }

  private static FeedFilter filter(QueryParameters parameters) {
    return new FeedFilter(
        parameters.id("agentId"),
        parameters.id("taskId"),
        types(parameters),
        AgentListing.labels(parameters));
  }

  /** Both {@code type=a,b} and {@code type=a&type=b}, which generated clients send. */
  private static Set<String> types(QueryParameters parameters) {
    Set<String> types = new HashSet<>();
    for (String list : parameters.all("type")) {
      for (String name : list.split(",", -1)) {
        if (AgentEvent.Type.ofWireName(name).isPresent()) {
          types.add(name);
        } else {
          parameters.refusals().add("type", "must be one or more of " + TYPES);
        }
      }
    }
    return types;
  }
}
