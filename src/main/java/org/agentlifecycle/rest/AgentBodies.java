package org.agentlifecycle.rest;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentLifecycle;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.AgentVersion;
import org.agentlifecycle.agent.RawJson;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.TransitionRequest;

/** Reads what bodies say of agents; whatever is wrong with one is refused together. */
final class AgentBodies {
  private static final String STATUSES =
      Arrays.stream(AgentStatus.values())
          .map(AgentStatus::wireName)
          .collect(Collectors.joining(", "));

  private AgentBodies() {}

  /**
   * {@code {taskId, agentId?, labels?, metadata?, lease?, session?}}; without an id it gets one.
   */
  static Registration registration(RequestBody body) {
    Members members = Members.of(body);
    members.require("taskId");
    String taskId = members.id("taskId");
    String agentId = members.id("agentId");
    Map<String, String> labels = labels(members.members("labels"));
    RawJson metadata = members.object("metadata");
    RawJson session = members.object("session");
    Duration lease = members.lease("lease");
    members.refuseOthers();
    return new Registration(
        agentId == null ? AgentLifecycle.newAgentId() : agentId,
        taskId,
        labels,
        metadata,
        session,
        lease);
  }

  /** Labels by their keys. */
  static Map<String, String> labels(Members members) {
    Map<String, String> labels = new HashMap<>();
    for (String key : members.names()) {
      if (!Rules.isLabelKey(key)) {
        members.refuse(key, Rules.LABEL_KEY);
      } else if (!members.has(key)) {
        members.refuse(key, "must be text");
      }
      String value = members.text(key, Agent.MAX_LABEL_VALUE_LENGTH);
      if (value != null) {
        labels.put(key, value);
      }
    }
    if (labels.size() > Agent.MAX_LABELS) {
      members.refuseAll("must not have more than " + Agent.MAX_LABELS + " members");
    }
    return labels;
  }

  /**
   * {@code {to, error?, reason?}}. An error that says nothing is none; so is a reason.
   *
   * @param ifVersion as the move has it
   */
  static TransitionRequest move(RequestBody body, Set<AgentVersion> ifVersion) {
    Members members = Members.of(body);
    AgentStatus to = to(members);
    boolean hasError = members.has("error");
    String error = members.text("error", Agent.MAX_TEXT_LENGTH);
    String reason = members.text("reason", Agent.MAX_TEXT_LENGTH);
    if (to == AgentStatus.FAILED && (!hasError || (error != null && error.isBlank()))) {
      members.refuse("error", "is required for failed");
    } else if (to != null && to != AgentStatus.FAILED && hasError) {
      members.refuse("error", "is for failed only");
    }
    members.refuseOthers();
    return new TransitionRequest(to, error, said(reason), ifVersion);
  }

  /** A text that says something; null for one that does not. */
  static String said(String text) {
    return text == null || text.isBlank() ? null : text;
  }

  private static AgentStatus to(Members members) {
    members.require("to");
    String name = members.text("to", Agent.MAX_TEXT_LENGTH);
    AgentStatus to = name == null ? null : AgentStatus.ofWireName(name).orElse(null);
    if (name != null && to == null) {
      members.refuse("to", "must be one of " + STATUSES);
    }
    return to;
  }
}
