package org.agentlifecycle.sweep;

import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Inject;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** How often the service sweeps. */
@Dependent
public class SweepSettings {
  private final Duration every;

  /**
   * @param every from the end of one pass to the start of the next; 10 ms or more
   * @throws IllegalArgumentException naming the key whose value cannot be used
   */
  @Inject
  public SweepSettings(@ConfigProperty(name = "lifecycle.lease.sweep-every") Duration every) {
    if (every.toMillis() < 10) {
      throw new IllegalArgumentException("lifecycle.lease.sweep-every must be PT0.01S or more");
    }
    this.every = every;
  }

  /** So that a value that cannot be used stops the start, and not the first call. */
  void check(@Observes Startup startup) {}

  public Duration every() {
    return every;
  }
}
