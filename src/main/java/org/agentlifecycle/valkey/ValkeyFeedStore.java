package org.agentlifecycle.valkey;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.agentlifecycle.feed.FeedSettings;
import org.agentlifecycle.feed.FeedStore;

/** The event feed in Valkey. */
@ApplicationScoped
public class ValkeyFeedStore implements FeedStore {
  private final FunctionLibrary functions;
  private final FeedSettings settings;

  /** For the client proxy. */
  protected ValkeyFeedStore() {
    this(null, null);
  }

  @Inject
  public ValkeyFeedStore(FunctionLibrary functions, FeedSettings settings) {
    this.functions = functions;
    this.settings = settings;
  }

  @Override
  public int forward(int limit) {
    Object published =
        functions.write("forward", functions.channel(), limit, settings.maxEvents()).get(0);
    return Math.toIntExact(Rows.number(published));
  }
}
