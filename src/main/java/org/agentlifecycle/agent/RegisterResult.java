package org.agentlifecycle.agent;

/** What the store says to a registration. Whatever is not {@link Registered} wrote nothing. */
public sealed interface RegisterResult {

  /**
   * The agent is registered.
   *
   * @param again it was before, by a call with the same key
   */
  record Registered(Change change, boolean again) implements RegisterResult {}

  /** The id is taken. */
  record Taken() implements RegisterResult {}

  /** No agents may be spawned. */
  record Closed() implements RegisterResult {}

  /** As many agents are active as may be. */
  record LimitReached(long limit) implements RegisterResult {}

  /** The idempotency key belongs to another call. */
  record KeyReused() implements RegisterResult {}
}
