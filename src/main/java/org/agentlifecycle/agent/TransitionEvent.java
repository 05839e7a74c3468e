package org.agentlifecycle.agent;

import java.time.Instant;

/**
 * Event of a transition. Components that do not apply are null.
 *
 * @param from the status before; null for the registration
 * @param to the status after
 * @param error why the agent failed
 * @param reason why the caller asked for the transition
 * @param actor the caller that asked for the transition
 * @param killId the bulk kill that the transition belongs to
 */
public record TransitionEvent(
    String id,
    String agentId,
    String taskId,
    Instant timestamp,
    long version,
    AgentStatus from,
    AgentStatus to,
    String error,
    String reason,
    String actor,
    String killId)
    implements AgentEvent {

  /**
   * Returns the event of the last transition of an agent.
   *
   * @param agent the agent after the transition
   * @param from the status before; null for the registration
   * @param reason why the caller asked for the transition; null: unknown
   * @param actor who asked for it; null: unknown
   * @param killId the bulk kill; null: none
   */
  public static TransitionEvent of(
      Agent agent,
      String id,
      Instant at,
      AgentStatus from,
      String reason,
      String actor,
      String killId) {
    return new TransitionEvent(
        id,
        agent.agentId(),
        agent.taskId(),
        at,
        agent.version(),
        from,
        agent.status(),
        agent.error(),
        reason,
        actor,
        killId);
  }

  @Override
  public Type type() {
    return Type.of(to);
  }
}
