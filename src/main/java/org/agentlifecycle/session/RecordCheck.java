package org.agentlifecycle.session;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentEventPublisher;

/**
 * Checks the records of all agents in small parts, because the store may have lost or damaged a
 * record without due work.
 */
@ApplicationScoped
public class RecordCheck extends StoreSweep<AgentEvent> {
  private static final int BATCH_SIZE = 200;

  private final SessionStore store;
  private final AgentEventPublisher events;

  /** For the client proxy. */
  protected RecordCheck() {
    this(null, null);
  }

  @Inject
  public RecordCheck(SessionStore store, AgentEventPublisher events) {
    super(BATCH_SIZE);
    this.store = store;
    this.events = events;
  }

  @Override
  public String name() {
    return "record check";
  }

  /** One part for each run: the cost of a run does not depend on the number of agents. */
  @Override
  public boolean sweep() {
    super.sweep();
    return false;
  }

  @Override
  protected SweepResult<AgentEvent> step(int batchSize) {
    return store.checkRecords(batchSize);
  }

  @Override
  protected void publish(AgentEvent event) {
    events.fire(event);
  }
}
