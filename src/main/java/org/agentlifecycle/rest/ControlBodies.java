package org.agentlifecycle.rest;

import java.time.Duration;
import java.util.Map;
import org.agentlifecycle.admission.Admission;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.RawJson;
import org.agentlifecycle.kill.KillRequest;

/** Reads what bodies say of leases, kills and admission. */
final class ControlBodies {
  private static final long MAX_ACTIVE = 1_000_000_000;

  private ControlBodies() {}

  /**
   * Returns the lease of {@code {lease?}}; null if the lease does not change.
   *
   * @param body may be missing or {@code null}: generated clients send that for an absent body
   */
  static Duration heartbeat(RequestBody body) {
    if (body == null || body.text().isEmpty() || body.text().strip().equals("null")) {
      return null;
    }
    Members members = Members.of(body);
    Duration lease = members.lease("lease");
    members.refuseOthers();
    return lease;
  }

  /** {@code {context}}, which is required. */
  static RawJson sessionContext(RequestBody body) {
    Members members = Members.of(body);
    members.require("context");
    RawJson context = members.object("context");
    members.refuseOthers();
    return context;
  }

  /** {@code {open, maxActive}}: both are required. */
  static Admission admission(RequestBody body) {
    Members members = Members.of(body);
    members.require("open");
    members.require("maxActive");
    boolean open = members.flag("open");
    long maxActive = members.number("maxActive", MAX_ACTIVE);
    members.refuseOthers();
    return new Admission(open, maxActive);
  }

  /** {@code {selector: {taskId?, status?, labels?, all?}, reason?, dryRun?}}. */
  static KillRequest kill(RequestBody body) {
    Members members = Members.of(body);
    members.require("selector");
    Members selector = members.members("selector");
    boolean selects = selector.has("taskId") || selector.has("status");
    String taskId = selector.id("taskId");
    AgentStatus status = status(selector);
    Map<String, String> labels = AgentBodies.labels(selector.members("labels"));
    boolean all = selector.flag("all");
    boolean nothing = !selects && labels.isEmpty();
    if (all != nothing) {
      members.refuse(
          "selector",
          all
              ? "must not say all beside what else it selects by"
              : "must select by taskId, status or labels, or say all");
    }
    selector.refuseUntaken();
    String reason = members.text("reason", Agent.MAX_TEXT_LENGTH);
    boolean dryRun = members.flag("dryRun");
    members.refuseOthers();
    return new KillRequest(taskId, status, labels, AgentBodies.said(reason), dryRun);
  }

  private static AgentStatus status(Members selector) {
    String name = selector.text("status", Agent.MAX_TEXT_LENGTH);
    if (name == null) {
      return null;
    }
    AgentStatus status = AgentStatus.ofWireName(name).orElse(null);
    if (status == null || status.isFinal()) {
      selector.refuse("status", "must be spawning or running");
    }
    return status;
  }
}
