package org.agentlifecycle.rest.request;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.time.Duration;
import java.util.Map;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.kill.KillRequest;
import org.agentlifecycle.rest.binding.Constraints;
import org.agentlifecycle.rest.binding.JsonRequest;
import org.agentlifecycle.rest.binding.LabelsDeserializer;
import org.agentlifecycle.rest.problem.ValidationErrors;
import tools.jackson.databind.annotation.JsonDeserialize;

/**
 * Body of {@code POST /kills}.
 *
 * @param grace time until the agents are killed; null: they are killed at once
 */
public record StartKillRequest(
    @NotNull(message = Constraints.REQUIRED) @Valid Selector selector,
    @AllowedDuration(AllowedDuration.Kind.GRACE_PERIOD) Duration grace,
    @ShortText String reason,
    Boolean dryRun)
    implements JsonRequest {

  /**
   * Criteria of the agents to kill.
   *
   * @param tree an agent: itself and all its descendants
   * @param all true: every active agent
   */
  public record Selector(
      @Id String taskId,
      AgentStatus status,
      @JsonDeserialize(using = LabelsDeserializer.class)
          @Size(max = Agent.MAX_LABELS, message = Constraints.LABELS)
          Map<String, String> labels,
      @Id String tree,
      Boolean all)
      implements JsonRequest {

    @Override
    public void check(ValidationErrors errors) {
      ValidationErrors members = errors.in("selector");
      if (status != null && status.isFinal()) {
        members.add("status", "must be spawning or running");
      }
      boolean hasCriteria =
          has(members, "taskId", taskId != null)
              || has(members, "status", status != null)
              || has(members, "tree", tree != null)
              || has(members, "labels", labels != null && !labels.isEmpty());
      boolean isAll = Boolean.TRUE.equals(all);
      if (isAll && hasCriteria) {
        errors.add("selector", "must not have all together with other criteria");
      } else if (!isAll && !hasCriteria && !members.contains("all")) {
        errors.add("selector", "must have a taskId, a status, labels, a tree, or all: true");
      }
    }

    /** A member that was rejected is present too. */
    private static boolean has(ValidationErrors members, String name, boolean isPresent) {
      return isPresent || members.contains(name);
    }
  }

  @Override
  public void check(ValidationErrors errors) {
    if (selector != null) {
      selector.check(errors);
    }
  }

  public KillRequest request() {
    return new KillRequest(
        selector.taskId(),
        selector.status(),
        selector.labels() == null ? Map.of() : selector.labels(),
        selector.tree(),
        grace,
        Constraints.blankToNull(reason),
        Boolean.TRUE.equals(dryRun));
  }
}
