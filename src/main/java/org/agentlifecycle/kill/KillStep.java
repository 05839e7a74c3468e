package org.agentlifecycle.kill;

import java.util.List;
import org.agentlifecycle.agent.CommittedTransition;

/**
 * One step of a bulk kill.
 *
 * @param done whether the kill is done
 * @param killed what became of the agents it killed
 */
public record KillStep(boolean done, List<CommittedTransition> killed) {
  public KillStep {
    killed = List.copyOf(killed);
  }
}
