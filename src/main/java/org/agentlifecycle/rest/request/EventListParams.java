package org.agentlifecycle.rest.request;

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
 * Parameters of {@code GET /events}.
 *
 * @param after the position after which the page or the stream starts; null: the newest event
 * @param filter the criteria of the events
 * @param limit maximum number of events of a page
 */
public record EventListParams(EventId after, FeedFilter filter, int limit) {
  private static final String NOW = "now";
  private static final String TYPES =
      Arrays.stream(AgentEvent.Type.values())
          .map(AgentEvent.Type::wireName)
          .collect(Collectors.joining(", "));

  /** Parses the request for a page. By default a page starts with the oldest event. */
  public static EventListParams page(HttpServletRequest request) {
    QueryParameters parameters = QueryParameters.of(request);
    String after = parameters.single("after");
    EventListParams params =
        new EventListParams(
            after == null ? EventId.BEGINNING : position(parameters, after),
            filter(parameters),
            parameters.limit(FeedPages.DEFAULT_LIMIT, FeedPages.MAX_LIMIT));
    parameters.rejectUnknown();
    return params;
  }

  /**
   * Parses the request for a stream. By default a stream starts with new events. {@code
   * Last-Event-ID}, which a browser sends when it reconnects, takes precedence over {@code after}.
   */
  public static EventListParams stream(HttpServletRequest request) {
    QueryParameters parameters = QueryParameters.of(request);
    String after = parameters.single("after");
    EventId position = after == null ? null : position(parameters, after);
    String lastEventId = request.getHeader("Last-Event-ID");
    EventId last = lastEventId == null ? null : id(parameters, "Last-Event-ID", lastEventId);
    FeedFilter filter = filter(parameters);
    parameters.rejectUnknown();
    return new EventListParams(last == null ? position : last, filter, 0);
  }

  private static EventId position(QueryParameters parameters, String after) {
    return after.equals(NOW) ? null : id(parameters, "after", after);
  }

  private static EventId id(QueryParameters parameters, String field, String text) {
    try {
      return EventId.parse(text);
    } catch (IllegalArgumentException invalid) {
      parameters.errors().add(field, invalid.getMessage());
      return null;
    }
  }

  private static FeedFilter filter(QueryParameters parameters) {
    return new FeedFilter(
        parameters.id("agentId"),
        parameters.id("taskId"),
        types(parameters),
        LabelFilter.of(parameters));
  }

  private static Set<String> types(QueryParameters parameters) {
    Set<String> types = new HashSet<>();
    for (String name : parameters.list("type")) {
      if (AgentEvent.Type.ofWireName(name).isPresent()) {
        types.add(name);
      } else {
        parameters.errors().add("type", "must be one or more of " + TYPES);
      }
    }
    return types;
  }
}
