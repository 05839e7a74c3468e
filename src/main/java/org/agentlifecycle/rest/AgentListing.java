package org.agentlifecycle.rest;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentQuery;
import org.agentlifecycle.agent.AgentStatus;

/** Reads what a listing asks for. */
final class AgentListing {
  private static final String STATUSES =
      Arrays.stream(AgentStatus.values())
          .map(AgentStatus::wireName)
          .collect(Collectors.joining(", "));

  /** What a listing returns beside each agent. */
  enum Include {
    NOTHING,
    SESSION,
    SESSION_WITH_CONTEXT
  }

  /** A listing that was requested. */
  record Request(AgentQuery query, Include include) {}

  private final QueryParameters parameters;
  private final Refusals refusals;

  private AgentListing(QueryParameters parameters) {
    this.parameters = parameters;
    this.refusals = parameters.refusals();
  }

  /** The query of a request; each parameter that is not well is refused by its name. */
  static Request of(HttpServletRequest request) {
    return of(QueryParameters.of(request));
  }

  static Request of(QueryParameters parameters) {
    AgentListing listing = new AgentListing(parameters);
    Set<AgentStatus> statuses = listing.statuses();
    String taskId = parameters.id("taskId");
    Map<String, Set<String>> labels = labels(parameters);
    Boolean sessionOpen = listing.sessionOpen();
    int limit = parameters.limit(AgentQuery.DEFAULT_LIMIT, AgentQuery.MAX_LIMIT);
    long before = listing.before();
    Include include = listing.include();
    parameters.refuseOthers();
    return new Request(
        new AgentQuery(statuses, taskId, labels, sessionOpen, limit, before), include);
  }

  private Include include() {
    String include = parameters.one("include");
    if (include == null) {
      return Include.NOTHING;
    }
    return switch (include) {
      case "session" -> Include.SESSION;
      case "session.context" -> Include.SESSION_WITH_CONTEXT;
      default -> {
        refusals.add("include", "must be session or session.context");
        yield Include.NOTHING;
      }
    };
  }

  private Set<AgentStatus> statuses() {
    Set<AgentStatus> statuses = EnumSet.noneOf(AgentStatus.class);
    for (String name : parameters.list("status")) {
      AgentStatus.ofWireName(name)
          .ifPresentOrElse(
              statuses::add, () -> refusals.add("status", "must be one or more of " + STATUSES));
    }
    return statuses;
  }

  /** The repeated parameter {@code label}, also of the feed. */
  static Map<String, Set<String>> labels(QueryParameters parameters) {
    Refusals refusals = parameters.refusals();
    Map<String, Set<String>> labels = new HashMap<>();
    for (String label : parameters.all("label")) {
      int colon = label.indexOf(':');
      if (colon < 0) {
        refusals.add("label", "must be key:value");
      } else if (!Rules.isLabelKey(label.substring(0, colon))) {
        refusals.add("label", Rules.LABEL_KEY);
      } else if (!Rules.isLabelValue(label.substring(colon + 1))) {
        refusals.add("label", Rules.LABEL_VALUE);
      } else {
        labels
            .computeIfAbsent(label.substring(0, colon), key -> new HashSet<>())
            .add(label.substring(colon + 1));
      }
    }
    if (labels.size() > Agent.MAX_LABELS) {
      refusals.add("label", "must not name more than " + Agent.MAX_LABELS + " keys");
    }
    return labels;
  }

  private Boolean sessionOpen() {
    String flag = parameters.one("sessionOpen");
    if (flag == null || flag.equals("true") || flag.equals("false")) {
      return flag == null ? null : Boolean.valueOf(flag);
    }
    refusals.add("sessionOpen", "must be true or false");
    return null;
  }

  private long before() {
    String text = parameters.one("cursor");
    if (text == null) {
      return AgentQuery.NEWEST;
    }
    OptionalLong sequence = Cursor.parse(text);
    if (sequence.isEmpty()) {
      refusals.add("cursor", "must be a nextCursor of this listing");
    }
    return sequence.orElse(AgentQuery.NEWEST);
  }
}
