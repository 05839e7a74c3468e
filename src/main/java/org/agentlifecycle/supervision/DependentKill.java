package org.agentlifecycle.supervision;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.agentlifecycle.agent.AgentEventPublisher;
import org.agentlifecycle.agent.CommittedTransition;
import org.agentlifecycle.session.StoreSweep;
import org.agentlifecycle.session.SweepResult;

/** Kills the children of final agents that end with their parent. */
@ApplicationScoped
public class DependentKill extends StoreSweep<CommittedTransition> {
  private static final int BATCH_SIZE = 100;

  private final SupervisionStore store;
  private final AgentEventPublisher events;

  /** For the client proxy. */
  protected DependentKill() {
    this(null, null);
  }

  @Inject
  public DependentKill(SupervisionStore store, AgentEventPublisher events) {
    super(BATCH_SIZE);
    this.store = store;
    this.events = events;
  }

  @Override
  public String name() {
    return "kill of dependents";
  }

  @Override
  protected SweepResult<CommittedTransition> step(int batchSize) {
    return store.killDependents(batchSize);
  }

  @Override
  protected void publish(CommittedTransition transition) {
    events.publish(transition);
  }
}
