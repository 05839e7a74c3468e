package org.agentlifecycle.supervision;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.agentlifecycle.agent.AgentEventPublisher;
import org.agentlifecycle.agent.Desired;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.agent.Waiting;

/**
 * Records whom agents wait for, and what is wanted of them. All methods throw {@link
 * LifecycleException}.
 */
@ApplicationScoped
public class SupervisionService {
  private final SupervisionStore store;
  private final AgentEventPublisher events;

  /** For the client proxy. */
  protected SupervisionService() {
    this(null, null);
  }

  @Inject
  public SupervisionService(SupervisionStore store, AgentEventPublisher events) {
    this.store = store;
    this.events = events;
  }

  /**
   * Records that a running agent waits for somebody.
   *
   * @param waiting without its time
   * @param key idempotency key of the call; null: none
   */
  public void startWaiting(String agentId, Waiting waiting, IdempotencyKey key) {
    complete(agentId, store.startWaiting(agentId, waiting, key));
  }

  /** Records that an agent waits for nobody. */
  public void endWaiting(String agentId) {
    complete(agentId, store.endWaiting(agentId, null));
  }

  /** Publishes the event of a change, or throws the rejection. It is for batches. */
  public void complete(String agentId, WaitingResult result) {
    if (result instanceof WaitingResult.Accepted accepted) {
      if (accepted.event() != null && !accepted.replayed()) {
        events.fire(accepted.event());
      }
    } else if (result instanceof WaitingResult.NotRunning other) {
      throw LifecycleException.agentNotRunning(agentId, other.current());
    } else if (result instanceof WaitingResult.Finished finished) {
      throw LifecycleException.agentFinished(agentId, finished.ending());
    } else if (result instanceof WaitingResult.KeyReused) {
      throw LifecycleException.keyReused();
    } else {
      throw LifecycleException.agentNotFound(agentId);
    }
  }

  /**
   * Sets the desired state of an agent.
   *
   * @param key idempotency key of the call; null: none
   * @return the desired state after the call
   */
  public Desired setDesired(String agentId, DesiredRequest request, IdempotencyKey key) {
    return complete(agentId, store.setDesired(agentId, request, key));
  }

  /** Publishes the event of a change, or throws the rejection. It is for batches. */
  public Desired complete(String agentId, DesiredResult result) {
    if (result instanceof DesiredResult.Accepted accepted) {
      if (accepted.event() != null && !accepted.replayed()) {
        events.fire(accepted.event());
      }
      return accepted.desired();
    }
    if (result instanceof DesiredResult.StopRequested) {
      throw LifecycleException.stopRequested(agentId);
    }
    if (result instanceof DesiredResult.Finished finished) {
      throw LifecycleException.agentFinished(agentId, finished.ending());
    }
    if (result instanceof DesiredResult.KeyReused) {
      throw LifecycleException.keyReused();
    }
    throw LifecycleException.agentNotFound(agentId);
  }
}
