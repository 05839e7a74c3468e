package org.agentlifecycle.feed;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Map;
import org.agentlifecycle.health.ApplicationState;
import org.agentlifecycle.health.GuardedCheck;
import org.agentlifecycle.health.HealthReport;
import org.eclipse.microprofile.health.Liveness;

/**
 * Reports DOWN if the reader of the feed has stopped although there are followers, so that the
 * platform restarts the server. A step that fails counts, because the store must not matter here.
 */
@Liveness
@ApplicationScoped
public class FeedLivenessCheck extends GuardedCheck {

  /** A step ends within seconds, and a reader without steps is started again after 30 s. */
  private static final Duration MAX_STEP_TIME = Duration.ofMinutes(2);

  private final LiveFeed feed;

  /** For the client proxy. */
  protected FeedLivenessCheck() {
    this(null, null);
  }

  @Inject
  public FeedLivenessCheck(ApplicationState application, LiveFeed feed) {
    super("feed-reader", application);
    this.feed = feed;
  }

  @Override
  protected HealthReport check() {
    Duration age = feed.timeSinceLastStep();
    boolean runs = age.compareTo(MAX_STEP_TIME) < 0;
    HealthReport report = runs ? HealthReport.up(Map.of()) : HealthReport.down("READER_STOPPED");
    return report
        .with("secondsSinceLastStep", Long.toString(age.toSeconds()))
        .with("followers", Integer.toString(feed.followerCount()));
  }
}
