package org.agentlifecycle.feed;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Feed with ids that the test chooses. A wait returns at once, so that one thread can run the
 * complete test.
 */
class TestFeed implements FeedStore {
  private final NavigableMap<EventId, FeedEvent> events = new TreeMap<>();
  private final List<EventId> reads = new ArrayList<>();

  /** Exception that the next call throws. */
  volatile Throwable failure;

  static EventId id(long ms) {
    return new EventId(ms, 0);
  }

  synchronized void add(long ms, String type, String agentId) {
    events.put(
        id(ms),
        new FeedEvent(id(ms), type, agentId, "task", Map.of(), "{\"id\":\"" + id(ms) + "\"}"));
    notifyAll();
  }

  synchronized void add(long... ms) {
    for (long each : ms) {
      add(each, "agent.running", "a-" + each);
    }
  }

  synchronized void trimTo(long oldest) {
    events.headMap(id(oldest), false).clear();
  }

  synchronized void clear() {
    events.clear();
  }

  synchronized List<String> ids() {
    return events.keySet().stream().map(EventId::toString).toList();
  }

  /** Returns the positions of all reads. */
  synchronized List<EventId> reads() {
    return List.copyOf(reads);
  }

  private synchronized void fail() {
    Throwable thrown = failure;
    failure = null;
    if (thrown instanceof Error error) {
      throw error;
    }
    if (thrown != null) {
      throw (RuntimeException) thrown;
    }
  }

  @Override
  public ForwardResult forward(int limit) {
    throw new UnsupportedOperationException();
  }

  @Override
  public synchronized FeedSlice read(EventId after, int limit) {
    fail();
    reads.add(after);
    List<FeedEvent> slice =
        events.tailMap(after, false).values().stream().limit(Math.min(limit, 7)).toList();
    EventId end = slice.isEmpty() ? after : slice.get(slice.size() - 1).id();
    return new FeedSlice(
        after,
        events.containsKey(after),
        slice,
        end,
        events.isEmpty() ? null : events.firstKey(),
        events.isEmpty() ? null : events.lastKey());
  }

  @Override
  public synchronized EventId lastEventId() {
    fail();
    return events.isEmpty() ? EventId.BEGINNING : events.lastKey();
  }

  @Override
  public boolean awaitEvent(EventId after, Duration timeout) {
    fail();
    return lastEventId().isAfter(after);
  }
}
