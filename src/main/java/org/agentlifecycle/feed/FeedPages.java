package org.agentlifecycle.feed;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.agentlifecycle.agent.LifecycleException;

/** Reads the feed page by page. */
@ApplicationScoped
public class FeedPages {

  /** Maximum number of events of a page. */
  public static final int MAX_LIMIT = 1000;

  /** Number of events of a page by default. */
  public static final int DEFAULT_LIMIT = 100;

  private static final int MAX_SLICE_EVENTS = 1000;

  /** Maximum number of slices of one page, which may therefore be short. */
  private static final int MAX_SLICES = 16;

  /** A page ends with the event that exceeds this number of characters. */
  private static final int MAX_CHARACTERS = 1 << 20;

  /** Maximum number of slices that all pages of a server read at once. */
  private static final int MAX_CONCURRENT_READS = 3;

  private static final Duration READ_TIMEOUT = Duration.ofSeconds(1);

  private final FeedStore store;
  private final Semaphore reads = new Semaphore(MAX_CONCURRENT_READS, true);

  /** For the client proxy. */
  protected FeedPages() {
    this(null);
  }

  @Inject
  public FeedPages(FeedStore store) {
    this.store = store;
  }

  /**
   * Returns the events after that position that match, oldest first.
   *
   * @param after the position; null: the newest event
   * @param limit the maximum number of events, 1 to {@value #MAX_LIMIT}
   */
  public FeedPage page(EventId after, FeedFilter filter, int limit) {
    if (after == null) {
      return new FeedPage(List.of(), false, store.lastEventId(), null);
    }
    Page page = new Page(after, filter, limit);
    int slices = 0;
    while (page.more && !page.full() && slices < MAX_SLICES) {
      page.add(read(page.head, filter.equals(FeedFilter.ALL) ? limit : MAX_SLICE_EVENTS));
      slices++;
    }
    return new FeedPage(page.items, page.more, page.head, page.gap);
  }

  private FeedSlice read(EventId after, int limit) {
    boolean permitted = false;
    try {
      permitted = reads.tryAcquire(READ_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      if (permitted) {
        return store.read(after, limit);
      }
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    } finally {
      if (permitted) {
        reads.release();
      }
    }
    throw LifecycleException.storeUnavailable(READ_TIMEOUT, null);
  }

  /** A page while it is read. */
  private static final class Page {
    private final List<FeedEvent> items = new ArrayList<>();
    private final FeedFilter filter;
    private final int limit;
    private EventId head;
    private Gap gap;
    private boolean more = true;
    private int characters;

    Page(EventId after, FeedFilter filter, int limit) {
      this.head = after;
      this.filter = filter;
      this.limit = limit;
    }

    boolean full() {
      return items.size() == limit || characters >= MAX_CHARACTERS;
    }

    void add(FeedSlice slice) {
      if (gap == null && slice.gap() != null) {
        gap = slice.gap();
        if (!slice.startsAtOldest()) {
          head = EventId.BEGINNING;
          return;
        }
      }
      for (FeedEvent event : slice.events()) {
        boolean matches = filter.matches(event);
        if (matches && full()) {
          return;
        }
        head = event.id();
        if (matches) {
          items.add(event);
          characters += event.json().length();
        }
      }
      head = slice.end();
      more = slice.hasMore();
    }
  }
}
