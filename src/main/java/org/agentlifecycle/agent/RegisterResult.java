package org.agentlifecycle.agent;

/** Result of a registration. Only {@link Registered} changed the store. */
public sealed interface RegisterResult {

  /**
   * The agent is registered.
   *
   * @param replayed true: an earlier call with the same idempotency key registered it
   */
  record Registered(CommittedTransition transition, boolean replayed) implements RegisterResult {}

  /** An agent with this id exists. */
  record AlreadyExists() implements RegisterResult {}

  /** The parent does not exist, is final, or was requested to stop. */
  record ParentNotActive() implements RegisterResult {}

  /** The agent would be deeper in its tree than allowed. */
  record TreeTooDeep() implements RegisterResult {}

  /** Registration is closed. */
  record AdmissionClosed() implements RegisterResult {}

  /** The limit of active agents is reached. */
  record AdmissionLimitReached(long limit) implements RegisterResult {}

  /** The idempotency key belongs to another call. */
  record KeyReused() implements RegisterResult {}
}
