package org.agentlifecycle.agent;

/**
 * A call that is to act once, however often it is made: the store keeps its answer in the same step
 * as its change.
 *
 * @param key the caller's {@code Idempotency-Key}
 * @param fingerprint of what the call asks for; another one with the same key is refused
 */
public record Once(String key, String fingerprint) {}
