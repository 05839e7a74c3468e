package org.agentlifecycle.memory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.feed.EventId;
import org.agentlifecycle.feed.FeedEvent;
import org.agentlifecycle.feed.FeedSlice;
import org.agentlifecycle.feed.FeedStore;
import org.agentlifecycle.feed.ForwardResult;

/** In-memory feed and its channel. */
public final class InMemoryFeed implements FeedStore {
  private final List<AgentEvent> events = new ArrayList<>();
  private final List<AgentEvent> channel = new ArrayList<>();
  private final Map<String, Map<String, String>> labels = new HashMap<>();
  private int forwarded;

  /** Returns all events, oldest first. */
  public synchronized List<AgentEvent> events() {
    return List.copyOf(events);
  }

  /** Returns the published events, oldest first. */
  public synchronized List<AgentEvent> channel() {
    return List.copyOf(channel);
  }

  /** Adds an event of an agent with these labels. */
  public synchronized void add(AgentEvent event, Map<String, String> labelsOfAgent) {
    labels.put(event.agentId(), labelsOfAgent);
    add(event);
  }

  public synchronized void add(AgentEvent event) {
    events.add(event);
    notifyAll();
  }

  /** Trims the feed to its newest events. */
  public synchronized void trim(int newest) {
    while (events.size() > newest) {
      events.remove(0);
      forwarded = Math.max(0, forwarded - 1);
    }
  }

  @Override
  public synchronized ForwardResult forward(int limit) {
    int from = forwarded;
    forwarded = Math.min(events.size(), from + limit);
    channel.addAll(events.subList(from, forwarded));
    return new ForwardResult(forwarded - from, forwarded < events.size());
  }

  @Override
  public synchronized FeedSlice read(EventId after, int limit) {
    List<FeedEvent> following =
        events.stream()
            .map(this::stored)
            .filter(event -> event.id().isAfter(after))
            .limit(limit)
            .toList();
    EventId end = following.isEmpty() ? after : following.get(following.size() - 1).id();
    boolean found = events.stream().anyMatch(event -> EventId.parse(event.id()).equals(after));
    EventId oldest = events.isEmpty() ? null : EventId.parse(events.get(0).id());
    EventId newest = events.isEmpty() ? null : lastEventId();
    return new FeedSlice(after, found, following, end, oldest, newest);
  }

  /** Replaces the feed by an empty one, as a store that starts without its data. */
  public synchronized void replace() {
    events.clear();
    forwarded = 0;
  }

  private FeedEvent stored(AgentEvent event) {
    return toFeedEvent(event, labels.getOrDefault(event.agentId(), Map.of()));
  }

  /**
   * Returns the stored form of an event. Its JSON has only the id, because tests read nothing else.
   */
  public static FeedEvent toFeedEvent(AgentEvent event, Map<String, String> labels) {
    return new FeedEvent(
        EventId.parse(event.id()),
        event.type().wireName(),
        event.agentId(),
        event.taskId(),
        labels,
        "{\"id\":\"" + event.id() + "\"}");
  }

  @Override
  public synchronized EventId lastEventId() {
    return events.isEmpty() ? EventId.BEGINNING : EventId.parse(events.get(events.size() - 1).id());
  }

  @Override
  public synchronized boolean awaitEvent(EventId after, Duration timeout) {
    long end = System.nanoTime() + timeout.toNanos();
    try {
      for (long left = timeout.toMillis(); !lastEventId().isAfter(after) && left > 0; ) {
        wait(left);
        left = (end - System.nanoTime()) / 1_000_000;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return lastEventId().isAfter(after);
  }
}
