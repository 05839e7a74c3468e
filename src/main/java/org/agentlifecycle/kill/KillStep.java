package org.agentlifecycle.kill;

import java.util.List;
import org.agentlifecycle.agent.CommittedTransition;

/**
 * Result of one step of a bulk kill.
 *
 * @param done whether the kill is done
 * @param killed the transitions of the agents that the step killed
 */
public record KillStep(boolean done, List<CommittedTransition> killed) {
  public KillStep {
    killed = List.copyOf(killed);
  }
}
