package org.agentlifecycle.session;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import org.agentlifecycle.agent.AgentEventPublisher;
import org.agentlifecycle.agent.CommittedTransition;
import org.agentlifecycle.sweep.SweepSettings;

/** Fails the agents whose lease has expired. */
@ApplicationScoped
public class LeaseExpiry extends StoreSweep<CommittedTransition> {
  private static final int BATCH_SIZE = 100;

  /** Number of missed sweeps that is still no outage, because a busy server may be late. */
  private static final int MISSED_SWEEPS = 3;

  /**
   * Shortest time without a sweep that is an outage. Otherwise every short pause of the store would
   * be an outage if the sweep interval is short.
   */
  private static final Duration MIN_OUTAGE = Duration.ofSeconds(5);

  private final SessionStore store;
  private final AgentEventPublisher events;
  private final Duration outage;

  /** For the client proxy. */
  protected LeaseExpiry() {
    super(BATCH_SIZE);
    store = null;
    events = null;
    outage = null;
  }

  @Inject
  public LeaseExpiry(SessionStore store, AgentEventPublisher events, SweepSettings settings) {
    super(BATCH_SIZE);
    this.store = store;
    this.events = events;
    Duration missed = settings.interval().multipliedBy(MISSED_SWEEPS);
    this.outage = missed.compareTo(MIN_OUTAGE) < 0 ? MIN_OUTAGE : missed;
  }

  @Override
  public String name() {
    return "lease expiry";
  }

  @Override
  protected SweepResult<CommittedTransition> step(int batchSize) {
    return store.expireLeases(batchSize, outage);
  }

  @Override
  protected void publish(CommittedTransition transition) {
    events.publish(transition);
  }
}
