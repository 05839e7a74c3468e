package org.agentlifecycle.kill;

/** What the store says to a new bulk kill. Whatever is not {@link Begun} wrote nothing. */
public sealed interface BeginResult {

  /** The kill is at work, or was begun before by a call with the same key. */
  record Begun(String killId) implements BeginResult {}

  /** As many kills are at work as may be. */
  record TooMany() implements BeginResult {}

  /** The idempotency key belongs to another call. */
  record KeyReused() implements BeginResult {}
}
