package org.agentlifecycle.agent;

import java.util.Set;

/**
 * A requested transition.
 *
 * @param to the status to move to
 * @param error why the agent failed: required for {@link AgentStatus#FAILED}, null for others
 * @param reason why the caller asks for the transition; null: unknown
 * @param output what the agent has produced; {@link Output#NONE} if the status is not final
 * @param ifVersion the versions of which one must be current; null: any version
 */
public record TransitionRequest(
    AgentStatus to, String error, String reason, Output output, Set<AgentVersion> ifVersion) {
  public TransitionRequest {
    if ((to == AgentStatus.FAILED) != (error != null)) {
      throw new IllegalArgumentException("only a transition to failed has an error");
    }
    if (!to.isFinal() && !output.equals(Output.NONE)) {
      throw new IllegalArgumentException("only a final agent has an output");
    }
    ifVersion = ifVersion == null ? null : Set.copyOf(ifVersion);
  }

  /** A transition without an output. */
  public TransitionRequest(
      AgentStatus to, String error, String reason, Set<AgentVersion> ifVersion) {
    this(to, error, reason, Output.NONE, ifVersion);
  }

  /** Returns an unconditional transition without a reason. */
  public static TransitionRequest to(AgentStatus status) {
    return new TransitionRequest(status, null, null, null);
  }

  /** Returns an unconditional transition to failed. */
  public static TransitionRequest failed(String error) {
    return new TransitionRequest(AgentStatus.FAILED, error, null, null);
  }
}
