package org.agentlifecycle.feed;

import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import org.agentlifecycle.config.Configuration;
import org.agentlifecycle.config.NumberKey;
import org.agentlifecycle.config.Settings;

/** Length of the feed, and maximum number of followers of this server. */
@Dependent
public class FeedSettings implements Settings {
  private static final NumberKey MAX_EVENTS =
      new NumberKey("lifecycle.feed.max-events", 1, 1_000_000_000);
  private static final NumberKey MAX_FOLLOWERS =
      new NumberKey("lifecycle.feed.max-followers", 0, 100_000);

  private final long maxEvents;
  private final int maxFollowers;

  /** Reads and checks the configuration. */
  @Inject
  public FeedSettings(Configuration configuration) {
    this(MAX_EVENTS.read(configuration), MAX_FOLLOWERS.read(configuration));
  }

  /**
   * @param maxEvents the number of events that the feed keeps at least
   * @param maxFollowers the maximum number of streams of this server
   * @throws org.agentlifecycle.config.ConfigurationException if a value is out of range
   */
  public FeedSettings(long maxEvents, long maxFollowers) {
    this.maxEvents = MAX_EVENTS.check(maxEvents);
    this.maxFollowers = Math.toIntExact(MAX_FOLLOWERS.check(maxFollowers));
  }

  public long maxEvents() {
    return maxEvents;
  }

  public int maxFollowers() {
    return maxFollowers;
  }
}
