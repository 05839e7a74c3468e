package org.agentlifecycle.agent;

import java.util.Set;

/**
 * A move that a caller asks for.
 *
 * @param to the status to move to
 * @param error why the agent failed: required for {@link AgentStatus#FAILED}, null elsewhere
 * @param reason why the caller moves it, or null
 * @param ifVersion the versions that the caller expects, one of which must be current; null: any
 *     version of any life
 */
public record TransitionRequest(
    AgentStatus to, String error, String reason, Set<AgentVersion> ifVersion) {
  public TransitionRequest {
    if ((to == AgentStatus.FAILED) != (error != null)) {
      throw new IllegalArgumentException("an error belongs to a move to failed, and only there");
    }
    ifVersion = ifVersion == null ? null : Set.copyOf(ifVersion);
  }

  /** An unconditional move without a reason. */
  public static TransitionRequest to(AgentStatus status) {
    return new TransitionRequest(status, null, null, null);
  }

  /** An unconditional move to failed. */
  public static TransitionRequest failed(String error) {
    return new TransitionRequest(AgentStatus.FAILED, error, null, null);
  }
}
