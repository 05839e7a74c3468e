package org.agentlifecycle.agent;

/**
 * What the store says to a move. To lose a race is an ordinary answer, not an exception; whatever
 * is not {@link Moved} wrote nothing.
 */
public sealed interface MoveResult {

  /**
   * The move is committed.
   *
   * @param again it was before, by a call with the same key
   */
  record Moved(Change change, boolean again) implements MoveResult {}

  /** The idempotency key belongs to another call. */
  record KeyReused() implements MoveResult {}

  /** The agent is in a status from which the move is not legal. */
  record Refused(AgentStatus current) implements MoveResult {}

  /** The agent's version, or its life, is none of those that the caller expects. */
  record Stale(long version) implements MoveResult {}

  /** There is no such agent. */
  record Missing() implements MoveResult {}
}
