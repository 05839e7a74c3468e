package org.agentlifecycle.agent;

/**
 * What the store says to a move. To lose a race is an ordinary answer, not an exception; whatever
 * is not {@link Applied} wrote nothing.
 */
public sealed interface TransitionResult {

  /**
   * The move is committed.
   *
   * @param replayed it was before, by a call with the same key
   */
  record Applied(CommittedTransition change, boolean replayed) implements TransitionResult {}

  /** The idempotency key belongs to another call. */
  record KeyReused() implements TransitionResult {}

  /** The agent is in a status from which the move is not legal. */
  record Illegal(AgentStatus current) implements TransitionResult {}

  /** The agent's version, or its life, is none of those that the caller expects. */
  record VersionMismatch(long version) implements TransitionResult {}

  /** There is no such agent. */
  record NotFound() implements TransitionResult {}
}
