package org.agentlifecycle.agent;

/**
 * Idempotency key of a call. The store saves the reply in the same atomic step as the change.
 *
 * @param key the {@code Idempotency-Key} of the caller
 * @param fingerprint hash of the content of the request; the store rejects another one with the
 *     same key
 * @param textFingerprint hash of the request as it was sent. Earlier releases know only this one:
 *     it decides for a record that one of them stored, and they read it in the records of this one.
 */
public record IdempotencyKey(String key, String fingerprint, String textFingerprint) {}
