package org.agentlifecycle.agent;

/** What the store says to a registration. Whatever is not {@link Registered} wrote nothing. */
public sealed interface RegisterResult {

  /**
   * The agent is registered.
   *
   * @param replayed it was before, by a call with the same key
   */
  record Registered(CommittedTransition change, boolean replayed) implements RegisterResult {}

  /** The id is taken. */
  record AlreadyExists() implements RegisterResult {}

  /** No agents may be spawned. */
  record AdmissionClosed() implements RegisterResult {}

  /** As many agents are active as may be. */
  record AdmissionLimitReached(long limit) implements RegisterResult {}

  /** The idempotency key belongs to another call. */
  record KeyReused() implements RegisterResult {}
}
