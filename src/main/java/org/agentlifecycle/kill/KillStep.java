package org.agentlifecycle.kill;

import java.util.List;
import org.agentlifecycle.agent.CommittedTransition;
import org.agentlifecycle.agent.DesiredEvent;

/**
 * Result of one step of a bulk kill.
 *
 * @param done whether the kill has reached all agents
 * @param killed the transitions of the agents that the step killed
 * @param stopping the events of the agents whose stop the step requested
 */
public record KillStep(
    boolean done, List<CommittedTransition> killed, List<DesiredEvent> stopping) {
  public KillStep {
    killed = List.copyOf(killed);
    stopping = List.copyOf(stopping);
  }
}
