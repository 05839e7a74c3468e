package org.agentlifecycle.agent;

/**
 * The parent of a new agent.
 *
 * @param agentId an active agent
 * @param onEnd what happens to the new agent when the parent becomes final
 */
public record Parent(String agentId, OnEnd onEnd) {

  /** What happens to an agent when its parent becomes final. */
  public enum OnEnd implements WireName {
    /** Nothing. */
    CONTINUE,
    /** It is killed. */
    KILL
  }
}
