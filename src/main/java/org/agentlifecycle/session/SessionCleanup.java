package org.agentlifecycle.session;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentEvents;
import org.agentlifecycle.sweep.Sweep;

/** Ends the sessions of final agents whose runner did not confirm within the delay. */
@ApplicationScoped
public class SessionCleanup implements Sweep {

  /** How many sessions one call ends, so that the store is not held up. */
  private static final int BATCH = 200;

  private final SessionStore store;
  private final AgentEvents events;

  /** For the client proxy. */
  protected SessionCleanup() {
    this(null, null);
  }

  @Inject
  public SessionCleanup(SessionStore store, AgentEvents events) {
    this.store = store;
    this.events = events;
  }

  @Override
  public String name() {
    return "the cleanup of sessions";
  }

  @Override
  public boolean sweep() {
    List<AgentEvent> ended = store.cleanUpDue(BATCH);
    ended.forEach(events::fire);
    return ended.size() == BATCH;
  }
}
