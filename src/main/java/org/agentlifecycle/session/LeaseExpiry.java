package org.agentlifecycle.session;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import org.agentlifecycle.agent.AgentEvents;
import org.agentlifecycle.agent.Change;
import org.agentlifecycle.sweep.Sweep;
import org.agentlifecycle.sweep.SweepSettings;

/** Fails the agents whose lease has run out. */
@ApplicationScoped
public class LeaseExpiry implements Sweep {

  /** How many leases one call looks at, so that the store is not held up. */
  private static final int BATCH = 100;

  /** Sweeps come late on a busy machine: so many missed in a row are an outage. */
  private static final int MISSED_SWEEPS = 3;

  private final SessionStore store;
  private final AgentEvents events;
  private final Duration outage;

  /** For the client proxy. */
  protected LeaseExpiry() {
    store = null;
    events = null;
    outage = null;
  }

  @Inject
  public LeaseExpiry(SessionStore store, AgentEvents events, SweepSettings settings) {
    this.store = store;
    this.events = events;
    this.outage = settings.every().multipliedBy(MISSED_SWEEPS);
  }

  @Override
  public String name() {
    return "the expiry of leases";
  }

  @Override
  public boolean sweep() {
    Batch<Change> batch = store.expireLeases(BATCH, outage);
    batch.done().forEach(events::announce);
    return batch.lookedAt() == BATCH;
  }
}
