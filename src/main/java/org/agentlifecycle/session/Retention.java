package org.agentlifecycle.session;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentEvents;
import org.agentlifecycle.sweep.Sweep;

/** Purges the agents that have been final for as long as they are kept. */
@ApplicationScoped
public class Retention implements Sweep {

  /** How many agents one call purges, so that the store is not held up. */
  private static final int BATCH = 100;

  private final SessionStore store;
  private final AgentEvents events;

  /** For the client proxy. */
  protected Retention() {
    this(null, null);
  }

  @Inject
  public Retention(SessionStore store, AgentEvents events) {
    this.store = store;
    this.events = events;
  }

  @Override
  public String name() {
    return "the purge of final agents";
  }

  @Override
  public boolean sweep() {
    Batch<AgentEvent> batch = store.purge(BATCH);
    batch.done().forEach(events::fire);
    return batch.lookedAt() == BATCH;
  }
}
