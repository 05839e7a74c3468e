package org.agentlifecycle.rest.request;

import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.agentlifecycle.agent.AgentQuery;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.SupervisionFilter;
import org.agentlifecycle.agent.Waiting;
import org.agentlifecycle.agent.WireName;
import org.agentlifecycle.config.DurationKey;
import org.agentlifecycle.config.IsoDuration;
import org.agentlifecycle.rest.binding.Constraints;

/**
 * Parameters of {@code GET /agents}.
 *
 * @param query the filters, the limit and the position
 * @param include members that each item has in addition
 */
public record AgentListParams(AgentQuery query, Include include) {
  private static final String WAITING_KINDS =
      Arrays.stream(Waiting.Kind.values())
          .map(WireName::wireName)
          .collect(Collectors.joining(", "));

  private static final DurationKey MAX_STALLED =
      new DurationKey("stalledFor", Duration.ZERO, Duration.ofDays(365));

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
                supervision(parameters),
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

  private static SupervisionFilter supervision(QueryParameters parameters) {
    return new SupervisionFilter(
        parameters.id("parentId"),
        parameters.id("rootId"),
        waitingFor(parameters),
        stalledFor(parameters));
  }

  private static Set<Waiting.Kind> waitingFor(QueryParameters parameters) {
    Set<Waiting.Kind> kinds = EnumSet.noneOf(Waiting.Kind.class);
    for (String name : parameters.list("waiting")) {
      if (name.equals("true")) {
        kinds.addAll(EnumSet.allOf(Waiting.Kind.class));
      } else {
        WireName.find(Waiting.Kind.values(), name)
            .ifPresentOrElse(
                kinds::add,
                () ->
                    parameters
                        .errors()
                        .add("waiting", "must be true, or one or more of " + WAITING_KINDS));
      }
    }
    return kinds;
  }

  private static Duration stalledFor(QueryParameters parameters) {
    String text = parameters.single("stalledFor");
    if (text == null) {
      return null;
    }
    Optional<Duration> duration = IsoDuration.parse(text).filter(MAX_STALLED::allows);
    if (duration.isEmpty()) {
      parameters.errors().add("stalledFor", MAX_STALLED.rule());
    }
    return duration.orElse(null);
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
