package org.agentlifecycle.sweep;

import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import java.time.Duration;
import org.agentlifecycle.config.Configuration;
import org.agentlifecycle.config.DurationKey;
import org.agentlifecycle.config.Settings;

/** Interval of the sweeps. */
@Dependent
public class SweepSettings implements Settings {
  private static final DurationKey INTERVAL =
      new DurationKey("lifecycle.lease.sweep-every", Duration.ofMillis(10), Duration.ofHours(1));

  private final Duration interval;

  /** Reads and checks the configuration. */
  @Inject
  public SweepSettings(Configuration configuration) {
    this(INTERVAL.read(configuration));
  }

  /**
   * @param interval time from the end of one run of a sweep to the start of the next
   * @throws org.agentlifecycle.config.ConfigurationException if the value is out of range
   */
  public SweepSettings(Duration interval) {
    this.interval = INTERVAL.check(interval);
  }

  public Duration interval() {
    return interval;
  }
}
