package org.agentlifecycle.rest;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.feed.EventId;
import org.agentlifecycle.feed.FeedFilter;
import org.agentlifecycle.feed.FeedPages;

/**
 * What a client asks of the feed.
 *
 * @param after where it goes on; null: from now on
 * @param filter which events it wants
 * @param limit how many a page holds at most
 */
record FeedRequest(EventId after, FeedFilter filter, int limit) {
  private static final String TYPES =
      Arrays.stream(AgentEvent.Type.values())
          .map(AgentEvent.Type::wireName)
          .collect(Collectors.joining(", "));

  /** A page begins at the beginning unless told. */
  static FeedRequest page(HttpServletRequest request) {
    QueryParameters parameters = QueryParameters.of(request);
    EventId after = id(parameters, "after", parameters.one("after"));
    FeedFilter filter = filter(parameters);
    int limit = parameters.limit(FeedPages.DEFAULT_LIMIT, FeedPages.MAX_LIMIT);
    parameters.refuseOthers();
    return new FeedRequest(after == null ? EventId.BEGINNING : after, filter, limit);
  }

  /** Where a client comes back, the header its browser sends beats the parameter it began with. */
  static FeedRequest stream(HttpServletRequest request) {
    QueryParameters parameters = QueryParameters.of(request);
    EventId after = id(parameters, "after", parameters.one("after"));
    EventId last = id(parameters, "Last-Event-ID", request.getHeader("Last-Event-ID"));
    FeedFilter filter = filter(parameters);
    parameters.refuseOthers();
    return new FeedRequest(last == null ? after : last, filter, 0);
  }

  private static EventId id(QueryParameters parameters, String field, String text) {
    if (text == null) {
      return null;
    }
    try {
      return EventId.parse(text);
    } catch (IllegalArgumentException none) {
      parameters.refusals().add(field, none.getMessage());
      return null;
    }
  }

  private static FeedFilter filter(QueryParameters parameters) {
    return new FeedFilter(parameters.id("agentId"), parameters.id("taskId"), types(parameters));
  }

  private static Set<AgentEvent.Type> types(QueryParameters parameters) {
    Set<AgentEvent.Type> types = EnumSet.noneOf(AgentEvent.Type.class);
    String list = parameters.one("type");
    if (list != null) {
      for (String name : list.split(",", -1)) {
        AgentEvent.Type.ofWireName(name)
            .ifPresentOrElse(
                types::add,
                () -> parameters.refusals().add("type", "must be one or more of " + TYPES));
      }
    }
    return types;
  }
}
