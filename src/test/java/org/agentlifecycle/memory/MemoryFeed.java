package org.agentlifecycle.memory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.feed.EventId;
import org.agentlifecycle.feed.FeedEvent;
import org.agentlifecycle.feed.FeedSlice;
import org.agentlifecycle.feed.FeedStore;

/** A feed and its channel. */
public final class MemoryFeed implements FeedStore {
  private final List<AgentEvent> events = new ArrayList<>();
  private final List<AgentEvent> channel = new ArrayList<>();
  private int forwarded;

  /** Every event, oldest first. */
  public synchronized List<AgentEvent> events() {
    return List.copyOf(events);
  }

  /** What was forwarded, oldest first. */
  public synchronized List<AgentEvent> channel() {
    return List.copyOf(channel);
  }

  public synchronized void add(AgentEvent event) {
    events.add(event);
    notifyAll();
  }

  /** Forgets all but the newest. */
  public synchronized void trim(int newest) {
    while (events.size() > newest) {
      events.remove(0);
      forwarded = Math.max(0, forwarded - 1);
    }
  }

  @Override
  public synchronized int forward(int limit) {
    int from = forwarded;
    forwarded = Math.min(events.size(), from + limit);
    channel.addAll(events.subList(from, forwarded));
    return forwarded - from;
  }

  @Override
  public synchronized FeedSlice read(EventId after, int limit) {
    List<FeedEvent> following =
        events.stream()
            .map(MemoryFeed::asInFeed)
            .filter(event -> event.id().isAfter(after))
            .limit(limit)
            .toList();
    return new FeedSlice(
        after, following, events.isEmpty() ? null : EventId.parse(events.get(0).id()));
  }

  /** The event as the feed has it; its JSON stands for the whole, which nobody here reads. */
  public static FeedEvent asInFeed(AgentEvent event) {
    return new FeedEvent(
        EventId.parse(event.id()),
        event.type(),
        event.agentId(),
        event.taskId(),
        "{\"id\":\"" + event.id() + "\"}");
  }

  @Override
  public synchronized EventId newest() {
    return events.isEmpty() ? EventId.BEGINNING : EventId.parse(events.get(events.size() - 1).id());
  }

  @Override
  public synchronized boolean await(EventId after, Duration patience) {
    long end = System.nanoTime() + patience.toNanos();
    try {
      for (long left = patience.toMillis(); !newest().isAfter(after) && left > 0; ) {
        wait(left);
        left = (end - System.nanoTime()) / 1_000_000;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return newest().isAfter(after);
  }
}
