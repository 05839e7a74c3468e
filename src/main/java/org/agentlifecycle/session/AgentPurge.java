package org.agentlifecycle.session;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentEventPublisher;

/** Purges the final agents whose retention has passed. */
@ApplicationScoped
public class AgentPurge extends StoreSweep<AgentEvent> {
  private static final int BATCH_SIZE = 100;

  private final SessionStore store;
  private final AgentEventPublisher events;

  /** For the client proxy. */
  protected AgentPurge() {
    this(null, null);
  }

  @Inject
  public AgentPurge(SessionStore store, AgentEventPublisher events) {
    super(BATCH_SIZE);
    this.store = store;
    this.events = events;
  }

  @Override
  public String name() {
    return "agent purge";
  }

  @Override
  protected SweepResult<AgentEvent> step(int batchSize) {
    return store.purge(batchSize);
  }

  @Override
  protected void publish(AgentEvent event) {
    events.fire(event);
  }
}
