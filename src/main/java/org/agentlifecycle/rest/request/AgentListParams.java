package org.agentlifecycle.rest.request;

import jakarta.servlet.http.HttpServletRequest;
import java.util.EnumSet;
import java.util.OptionalLong;
import java.util.Set;
import org.agentlifecycle.agent.AgentQuery;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.rest.binding.Constraints;

/**
 * Parameters of {@code GET /agents}.
 *
 * @param query the filters, the limit and the position
 * @param include members that each item has in addition
 */
public record AgentListParams(AgentQuery query, Include include) {
  /** Additional members of an item. */
  public enum Include {
    NOTHING,
    SESSION,
    SESSION_WITH_CONTEXT
  }

  /**
   * Parses the query of a request.
   *
   * @throws org.agentlifecycle.rest.problem.ProblemException if a parameter is invalid or unknown
   */
  public static AgentListParams of(HttpServletRequest request) {
    return of(QueryParameters.of(request));
  }

  static AgentListParams of(QueryParameters parameters) {
    AgentListParams params =
        new AgentListParams(
            new AgentQuery(
                statuses(parameters),
                parameters.id("taskId"),
                LabelFilter.of(parameters),
                sessionOpen(parameters),
                parameters.limit(AgentQuery.DEFAULT_LIMIT, AgentQuery.MAX_LIMIT),
                before(parameters)),
            include(parameters));
    parameters.rejectUnknown();
    return params;
  }

  private static Include include(QueryParameters parameters) {
    String include = parameters.single("include");
    if (include == null) {
      return Include.NOTHING;
    }
    return switch (include) {
      case "session" -> Include.SESSION;
      case "session.context" -> Include.SESSION_WITH_CONTEXT;
      default -> {
        parameters.errors().add("include", "must be session or session.context");
        yield Include.NOTHING;
      }
    };
  }

  private static Set<AgentStatus> statuses(QueryParameters parameters) {
    Set<AgentStatus> statuses = EnumSet.noneOf(AgentStatus.class);
    for (String name : parameters.list("status")) {
      AgentStatus.ofWireName(name)
          .ifPresentOrElse(
              statuses::add,
              () ->
                  parameters
                      .errors()
                      .add("status", "must be one or more of " + Constraints.STATUSES));
    }
    return statuses;
  }

  private static Boolean sessionOpen(QueryParameters parameters) {
    String flag = parameters.single("sessionOpen");
    if (flag == null || flag.equals("true") || flag.equals("false")) {
      return flag == null ? null : Boolean.valueOf(flag);
    }
    parameters.errors().add("sessionOpen", "must be true or false");
    return null;
  }

  private static long before(QueryParameters parameters) {
    String text = parameters.single("cursor");
    if (text == null) {
      return AgentQuery.NEWEST;
    }
    OptionalLong sequence = Cursor.parse(text);
    if (sequence.isEmpty()) {
      parameters.errors().add("cursor", "must be a nextCursor of this listing");
    }
    return sequence.orElse(AgentQuery.NEWEST);
  }
}
