package org.agentlifecycle.sweep;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/**
 * A server whose sweeper has stopped looks well and does half its work: it should be restarted. A
 * pass counts whether it succeeded or not, so the store's absence never shows here.
 */
@Liveness
@ApplicationScoped
public class SweeperLiveness implements HealthCheck {

  /** A step of a sweep ends within seconds, even if the store does not reply. */
  private static final Duration PASS = Duration.ofMinutes(1);

  private final Sweeper sweeper;

  /** For the client proxy. */
  protected SweeperLiveness() {
    this(null);
  }

  @Inject
  public SweeperLiveness(Sweeper sweeper) {
    this.sweeper = sweeper;
  }

  @Override
  public HealthCheckResponse call() {
    Duration since = sweeper.sinceLastPass();
    return HealthCheckResponse.named("sweeper")
        .status(since.compareTo(sweeper.every().plus(PASS)) < 0)
        .withData("secondsSinceLastPass", since.toSeconds())
        .build();
  }
}
