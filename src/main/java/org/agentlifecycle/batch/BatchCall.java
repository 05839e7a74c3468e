package org.agentlifecycle.batch;

import java.time.Duration;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.agent.Waiting;
import org.agentlifecycle.session.Progress;
import org.agentlifecycle.supervision.DesiredRequest;

/** One call of a batch. Each call is atomic. An idempotency key may be null. */
public sealed interface BatchCall {

  /** Registers an agent. A registration without an id gets a generated id. */
  record Register(Registration registration, IdempotencyKey key) implements BatchCall {
    public Register {
      registration = registration.agentId() == null ? registration.withGeneratedId() : registration;
    }

    @Override
    public String lockedAgent() {
      return registration.agentId();
    }
  }

  /** Moves an agent. */
  record Move(String agentId, TransitionRequest request, IdempotencyKey key) implements BatchCall {
    @Override
    public String lockedAgent() {
      return agentId;
    }
  }

  /**
   * Processes a heartbeat.
   *
   * @param lease length of the lease from now on; null: unchanged
   * @param progress null: unchanged
   */
  record SendHeartbeat(String agentId, Duration lease, Progress progress) implements BatchCall {}

  /** Records that a running agent waits for somebody. */
  record StartWaiting(String agentId, Waiting waiting, IdempotencyKey key) implements BatchCall {}

  /** Records that an agent waits for nobody. */
  record EndWaiting(String agentId, IdempotencyKey key) implements BatchCall {}

  /** Sets the desired state of an agent. */
  record SetDesired(String agentId, DesiredRequest request, IdempotencyKey key)
      implements BatchCall {}

  /** Ends the session of a final agent. */
  record EndSession(String agentId, IdempotencyKey key) implements BatchCall {}

  /** Returns the agent whose lock the call needs; null: none. */
  default String lockedAgent() {
    return null;
  }
}
