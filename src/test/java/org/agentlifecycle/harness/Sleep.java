package org.agentlifecycle.harness;

import java.time.Duration;

/** Waits between two checks of another process. */
final class Sleep {

  private Sleep() {}

  static void of(Duration duration) {
    try {
      Thread.sleep(duration.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting", e);
    }
  }
}
