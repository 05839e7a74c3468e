package org.agentlifecycle.memory;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.agentlifecycle.agent.IdempotencyKey;

/** Idempotency records of the in-memory store. */
final class InMemoryIdempotencyRecords {
  private final Map<String, StoredReply> replies = new HashMap<>();
  private final Duration retention;
  private final Supplier<Instant> clock;

  private record StoredReply(IdempotencyKey key, Object reply, Instant until) {}

  InMemoryIdempotencyRecords(Duration retention, Supplier<Instant> clock) {
    this.retention = retention;
    this.clock = clock;
  }

  int size() {
    return replies.size();
  }

  /**
   * Executes a call if its key has no stored reply.
   *
   * @param key idempotency key; null: none
   * @param changed whether a reply reports a change; other replies are not stored
   * @param replayed returns the reply to a repeated call
   */
  @SuppressWarnings("unchecked") // a fingerprint belongs to one kind of call
  <T> T execute(
      IdempotencyKey key,
      Supplier<T> call,
      Predicate<T> changed,
      UnaryOperator<T> replayed,
      T reused) {
    if (key == null) {
      return call.get();
    }
    replies.values().removeIf(stored -> !stored.until.isAfter(clock.get()));
    StoredReply stored = replies.get(key.key());
    if (stored != null) {
      return hasSameRequest(stored.key, key) ? replayed.apply((T) stored.reply) : reused;
    }
    T reply = call.get();
    if (changed.test(reply)) {
      replies.put(key.key(), new StoredReply(key, reply, clock.get().plus(retention)));
    }
    return reply;
  }

  private static boolean hasSameRequest(IdempotencyKey one, IdempotencyKey other) {
    return one.fingerprint().equals(other.fingerprint())
        || one.textFingerprint().equals(other.textFingerprint());
  }
}
