package org.agentlifecycle.supervision;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.agentlifecycle.agent.AgentEventPublisher;
import org.agentlifecycle.agent.CommittedTransition;
import org.agentlifecycle.session.StoreSweep;
import org.agentlifecycle.session.SweepResult;

/** Ends the agents that are past a deadline. */
@ApplicationScoped
public class DeadlineExpiry extends StoreSweep<CommittedTransition> {
  private static final int BATCH_SIZE = 100;

  private final SupervisionStore store;
  private final AgentEventPublisher events;

  /** For the client proxy. */
  protected DeadlineExpiry() {
    this(null, null);
  }

  @Inject
  public DeadlineExpiry(SupervisionStore store, AgentEventPublisher events) {
    super(BATCH_SIZE);
    this.store = store;
    this.events = events;
  }

  @Override
  public String name() {
    return "deadline expiry";
  }

  @Override
  protected SweepResult<CommittedTransition> step(int batchSize) {
    return store.expireDeadlines(batchSize);
  }

  @Override
  protected void publish(CommittedTransition transition) {
    events.publish(transition);
  }
}
