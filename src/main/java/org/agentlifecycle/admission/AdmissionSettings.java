package org.agentlifecycle.admission;

import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Inject;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The limit before anybody sets one. */
@Dependent
public class AdmissionSettings {
  private final long maxActive;

  /**
   * @param maxActive how many agents may be active; 0: any number
   * @throws IllegalArgumentException naming the key whose value cannot be used
   */
  @Inject
  public AdmissionSettings(
      @ConfigProperty(name = "lifecycle.admission.max-active") long maxActive) {
    if (maxActive < 0) {
      throw new IllegalArgumentException("lifecycle.admission.max-active must not be negative");
    }
    this.maxActive = maxActive;
  }

  /** So that a value that cannot be used stops the start, and not the first call. */
  void check(@Observes Startup startup) {}

  public long maxActive() {
    return maxActive;
  }
}
