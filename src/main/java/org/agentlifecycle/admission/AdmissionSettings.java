package org.agentlifecycle.admission;

import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import org.agentlifecycle.config.Configuration;
import org.agentlifecycle.config.NumberKey;
import org.agentlifecycle.config.Settings;

/** The admission limit until a client sets one. */
@Dependent
public class AdmissionSettings implements Settings {
  private static final NumberKey MAX_ACTIVE =
      new NumberKey("lifecycle.admission.max-active", 0, Admission.MAX_LIMIT);

  private final long maxActive;

  /** Reads and checks the configuration. */
  @Inject
  public AdmissionSettings(Configuration configuration) {
    this(MAX_ACTIVE.read(configuration));
  }

  /**
   * @param maxActive the maximum number of active agents; 0 means no limit
   * @throws org.agentlifecycle.config.ConfigurationException if a value is out of range
   */
  public AdmissionSettings(long maxActive) {
    this.maxActive = MAX_ACTIVE.check(maxActive);
  }

  public long maxActive() {
    return maxActive;
  }
}
