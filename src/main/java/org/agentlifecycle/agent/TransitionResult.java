package org.agentlifecycle.agent;

/**
 * Result of a transition. A caller that loses a race gets an ordinary result, not an exception.
 * Only {@link Applied} changed the store.
 */
public sealed interface TransitionResult {

  /**
   * The transition is committed.
   *
   * @param replayed true: an earlier call with the same idempotency key committed it
   */
  record Applied(CommittedTransition transition, boolean replayed) implements TransitionResult {}

  /** The idempotency key belongs to another call. */
  record KeyReused() implements TransitionResult {}

  /** The transition is illegal from the current status. */
  record Illegal(AgentStatus current) implements TransitionResult {}

  /** The version of the agent is none of the expected ones. */
  record VersionMismatch(long version) implements TransitionResult {}

  /** There is no such agent. */
  record NotFound() implements TransitionResult {}
}
