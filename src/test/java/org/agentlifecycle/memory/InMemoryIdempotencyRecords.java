package org.agentlifecycle.memory;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.agentlifecycle.agent.IdempotencyKey;

/** The answers to calls with an idempotency key, for as long as they are kept. */
final class InMemoryIdempotencyRecords {
  private final Map<String, Kept> answers = new HashMap<>();
  private final Duration time;
  private final Supplier<Instant> clock;

  private record Kept(String fingerprint, Object answer, Instant until) {}

  InMemoryIdempotencyRecords(Duration time, Supplier<Instant> clock) {
    this.time = time;
    this.clock = clock;
  }

  int size() {
    return answers.size();
  }

  /**
   * Acts, unless it did so before.
   *
   * @param key the caller's key; null where it has none
   * @param changed whether the answer says that something was changed: no other is kept
   * @param replayed makes of a kept answer the one that is given again
   */
  @SuppressWarnings("unchecked") // a fingerprint belongs to one kind of call
  <T> T answer(
      IdempotencyKey once,
      Supplier<T> act,
      Predicate<T> changed,
      UnaryOperator<T> again,
      T reused) {
    if (once == null) {
      return act.get();
    }
    answers.values().removeIf(kept -> !kept.until.isAfter(clock.get()));
    Kept kept = answers.get(once.key());
    if (kept != null) {
      return kept.fingerprint.equals(once.fingerprint()) ? again.apply((T) kept.answer) : reused;
    }
    T answer = act.get();
    if (changed.test(answer)) {
      answers.put(once.key(), new Kept(once.fingerprint(), answer, clock.get().plus(time)));
    }
    return answer;
  }
}
