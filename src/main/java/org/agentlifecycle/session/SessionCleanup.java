package org.agentlifecycle.session;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentEventPublisher;

/** Ends the sessions of final agents if the runner did not confirm within the cleanup delay. */
@ApplicationScoped
public class SessionCleanup extends StoreSweep<AgentEvent> {
  private static final int BATCH_SIZE = 200;

  private final SessionStore store;
  private final AgentEventPublisher events;

  /** For the client proxy. */
  protected SessionCleanup() {
    this(null, null);
  }

  @Inject
  public SessionCleanup(SessionStore store, AgentEventPublisher events) {
    super(BATCH_SIZE);
    this.store = store;
    this.events = events;
  }

  @Override
  public String name() {
    return "session cleanup";
  }

  @Override
  protected SweepResult<AgentEvent> step(int batchSize) {
    return store.cleanUpDueSessions(batchSize);
  }

  @Override
  protected void publish(AgentEvent event) {
    events.fire(event);
  }
}
