package org.agentlifecycle.feed;

import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import org.agentlifecycle.config.Configuration;
import org.agentlifecycle.config.NumberKey;
import org.agentlifecycle.config.Settings;

/** Maximum number of requests of this server that wait for a change. */
@Dependent
public class WaitSettings implements Settings {
  private static final NumberKey MAX_WAITING =
      new NumberKey("lifecycle.wait.max-waiting", 0, 1_000_000);

  private final int maxWaiting;

  /** Reads and checks the configuration. */
  @Inject
  public WaitSettings(Configuration configuration) {
    maxWaiting = Math.toIntExact(MAX_WAITING.read(configuration));
  }

  public int maxWaiting() {
    return maxWaiting;
  }
}
