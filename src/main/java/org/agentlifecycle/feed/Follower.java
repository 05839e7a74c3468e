package org.agentlifecycle.feed;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Somebody who follows the feed from some place on. Where the recent events reach back to that
 * place it reads those, else pages of the store. It is never waited for: what its outlet cannot
 * take stays where it is, so a slow follower reads on from the store, and one that takes nothing at
 * all is dropped.
 */
public final class Follower {
  private final LiveFeed feed;
  private final FeedFilter filter;
  private final Outlet outlet;

  /**
   * How many asked for a pump. Who makes it 1 pumps for all, so the outlet has one user at a time.
   */
  private final AtomicInteger asked = new AtomicInteger();

  private final Queue<Fetched> fetched = new ConcurrentLinkedQueue<>();
  private final Queue<String> comments = new ConcurrentLinkedQueue<>();
  private volatile boolean ending;
  private volatile boolean closed;
  private volatile long lastProgress = System.nanoTime();

  // From here on, only for who pumps.
  private final Queue<FeedEvent> past = new ArrayDeque<>();
  private EventId cursor;
  private Gap gap;
  private boolean fetching;
  private boolean unflushed;

  /** What the store gave, and after which place the recent events began before it was asked. */
  private record Fetched(FeedSlice slice, EventId base) {}

  Follower(LiveFeed feed, FeedFilter filter, Outlet outlet, EventId cursor) {
    this.feed = feed;
    this.filter = filter;
    this.outlet = outlet;
    this.cursor = cursor;
  }

  /** Gives the outlet as much as there is and it takes. Never waits, whoever calls. */
  public void pump() {
    if (asked.getAndIncrement() > 0) {
      return;
    }
    int served;
    do {
      served = asked.get();
      try {
        write();
      } catch (IOException | RuntimeException gone) {
        close();
      }
    } while (!asked.compareAndSet(served, 0));
  }

  private void write() throws IOException {
    while (!closed && outlet.isReady() && writePiece()) {
      lastProgress = System.nanoTime();
    }
  }

  /** Gives the outlet one piece; false where there is none. */
  private boolean writePiece() throws IOException {
    FeedEvent event = ending ? null : next();
    if (gap != null) {
      outlet.gap(gap);
      gap = null;
    } else if (event != null) {
      outlet.event(event);
    } else if (!comments.isEmpty()) {
      outlet.comment(comments.poll());
    } else if (unflushed) {
      outlet.flush();
      unflushed = false;
      return true;
    } else {
      if (ending) {
        close();
      }
      return false;
    }
    unflushed = true;
    return true;
  }

  /** The next event that is wanted; null where there is none now, or a gap is to be told first. */
  private FeedEvent next() {
    for (FeedEvent event = following(); event != null; event = following()) {
      cursor = event.id();
      if (filter.selects(event)) {
        return event;
      }
    }
    return null;
  }

  private FeedEvent following() {
    if (past.isEmpty()) {
      absorb(fetched.poll());
    }
    if (gap != null || !past.isEmpty()) {
      return gap == null ? past.poll() : null;
    }
    RecentEvents recent = feed.recent();
    // In this order: what was removed meanwhile shows in the second.
    FeedEvent event = recent.after(cursor);
    if (recent.reachesBackTo(cursor)) {
      return event;
    }
    if (!fetching) {
      fetching = true;
      feed.fetch(this, cursor);
    }
    return null;
  }

  private void absorb(Fetched page) {
    if (page == null) {
      return;
    }
    fetching = false;
    past.addAll(page.slice().events());
    gap = page.slice().gap();
    if (past.isEmpty() && page.base().isAfter(cursor)) {
      // Nothing is in between: whatever the recent events began after was in the store by then.
      cursor = page.base();
    }
  }

  /** Before the first pump: begins with the gap in front of that slice. */
  void missed(FeedSlice first) {
    gap = first.gap();
    cursor = first.oldest().before();
  }

  /** Takes what {@link LiveFeed#fetch} read. */
  void take(FeedSlice slice, EventId base) {
    fetched.add(new Fetched(slice, base));
    pump();
  }

  /** Says that the stream lives, unless that still waits to be said. */
  void sayAlive() {
    if (comments.isEmpty()) {
      comments.add("alive");
    }
    pump();
  }

  /** How long ago something was written, in nanoseconds. */
  long idleNanos() {
    return System.nanoTime() - lastProgress;
  }

  /** Ends the stream in peace: with a last comment, and nothing more of the feed. */
  void end(String comment) {
    comments.add(comment);
    ending = true;
    pump();
  }

  /** Ends the stream at once. */
  public void close() {
    closed = true;
    feed.left(this);
    outlet.close();
  }
}
