package org.agentlifecycle.kill;

/** What the store says to a new bulk kill. Whatever is not {@link Started} wrote nothing. */
public sealed interface StartKillResult {

  /** The kill is at work, or was begun before by a call with the same key. */
  record Started(String killId) implements StartKillResult {}

  /** As many kills are at work as may be. */
  record TooManyKills() implements StartKillResult {}

  /** The idempotency key belongs to another call. */
  record KeyReused() implements StartKillResult {}
}
