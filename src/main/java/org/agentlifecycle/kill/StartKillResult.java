package org.agentlifecycle.kill;

/** Result of the start of a bulk kill. Only {@link Started} changed the store. */
public sealed interface StartKillResult {

  /** The kill is running, or an earlier call with the same idempotency key started it. */
  record Started(String killId) implements StartKillResult {}

  /** The maximum number of kills is running. */
  record TooManyKills() implements StartKillResult {}

  /** The idempotency key belongs to another call. */
  record KeyReused() implements StartKillResult {}
}
