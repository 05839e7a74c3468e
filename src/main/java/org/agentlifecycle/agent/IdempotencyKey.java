package org.agentlifecycle.agent;

/**
 * Idempotency key of a call. The store saves the reply in the same atomic step as the change.
 *
 * @param key the {@code Idempotency-Key} of the caller
 * @param fingerprint hash of the content of the request; the store rejects a call with the same key
 *     and another fingerprint
 * @param textFingerprint hash of the request as it was sent. It is for earlier releases, which
 *     store and compare only this hash.
 */
public record IdempotencyKey(String key, String fingerprint, String textFingerprint) {}
