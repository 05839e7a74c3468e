package org.agentlifecycle.feed;

import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Inject;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** How much the feed keeps, and how many may follow it. */
@Dependent
public class FeedSettings {
  private final long maxEvents;
  private final int maxFollowers;

  /**
   * @param maxEvents how many events the feed keeps at least; 1 or more
   * @param maxFollowers how many streams this server serves at once; zero or more
   * @throws IllegalArgumentException naming the key whose value cannot be used
   */
  @Inject
  public FeedSettings(
      @ConfigProperty(name = "lifecycle.feed.max-events") long maxEvents,
      @ConfigProperty(name = "lifecycle.feed.max-followers") int maxFollowers) {
    if (maxEvents < 1) {
      throw new IllegalArgumentException("lifecycle.feed.max-events must be 1 or more");
    }
    if (maxFollowers < 0) {
      throw new IllegalArgumentException("lifecycle.feed.max-followers must not be negative");
    }
    this.maxEvents = maxEvents;
    this.maxFollowers = maxFollowers;
  }

  /** So that a value that cannot be used stops the start, and not the first call. */
  void check(@Observes Startup startup) {}

  public long maxEvents() {
    return maxEvents;
  }

  public int maxFollowers() {
    return maxFollowers;
  }
}
