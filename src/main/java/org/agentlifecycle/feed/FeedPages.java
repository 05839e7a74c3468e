package org.agentlifecycle.feed;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;

/** The feed page by page. */
@ApplicationScoped
public class FeedPages {

  /** How many events a page holds at most. */
  public static final int MAX_LIMIT = 1000;

  /** How many events a page holds unless told. */
  public static final int DEFAULT_LIMIT = 100;

  /** How many events one call of the store reads where a filter leaves some out. */
  private static final int SLICE = 1000;

  /**
   * How many such calls a page costs at most: whoever filters much gets a short page and goes on.
   */
  private static final int SLICES = 20;

  private final FeedStore store;

  /** For the client proxy. */
  protected FeedPages() {
    this(null);
  }

  @Inject
  public FeedPages(FeedStore store) {
    this.store = store;
  }

  /**
   * The events after that place that the filter selects, oldest first.
   *
   * @param limit how many at most, 1 to {@value #MAX_LIMIT}
   */
  public FeedPage page(EventId after, FeedFilter filter, int limit) {
    List<FeedEvent> items = new ArrayList<>();
    int slice = filter.equals(FeedFilter.ALL) ? limit + 1 : SLICE;
    EventId seen = after;
    Gap gap = null;
    for (int count = 0; count < SLICES; count++) {
      FeedSlice read = store.read(seen, slice);
      gap = count == 0 ? read.gap() : gap;
      for (FeedEvent event : read.events()) {
        boolean selected = filter.selects(event);
        if (selected && items.size() == limit) {
          return new FeedPage(items, seen, gap);
        }
        if (selected) {
          items.add(event);
        }
        seen = event.id();
      }
      if (read.events().size() < slice) {
        return new FeedPage(items, null, gap);
      }
    }
    return new FeedPage(items, seen, gap);
  }
}
