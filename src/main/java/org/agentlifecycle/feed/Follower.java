package org.agentlifecycle.feed;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A position in the feed and a loop that sends the events after it to a sink. The loop takes an
 * event from the recent events or else a slice from the store. It runs after each signal and never
 * waits: events that the sink does not accept stay in the feed.
 */
public final class Follower {

  /** Steps of one run, after which other followers get their turn. */
  private static final int MAX_STEPS = 500;

  private final FeedSource source;
  private final FeedFilter filter;
  private final EventSink sink;
  private final DrainLoop loop;
  private final AtomicReference<FeedSlice> received = new AtomicReference<>();
  private volatile boolean keepAliveDue;
  private volatile boolean completing;
  private volatile boolean closed;
  private volatile long lastProgress;
  private volatile long lastMessage;
  private volatile EventId position;

  // Only the drain loop uses these.
  private final Queue<FeedEvent> backlog = new ArrayDeque<>();
  private EventId backlogEnd;
  private EventId sentPosition;
  private Gap gap;
  private int generation;
  private boolean resuming; // the store decides whether there is a gap
  private boolean reading;
  private int readGeneration;
  private long readRevision = -1;
  private boolean unflushed;

  Follower(
      FeedSource source, FeedFilter filter, EventSink sink, EventId position, boolean resuming) {
    this.source = source;
    this.filter = filter;
    this.sink = sink;
    this.position = position;
    sentPosition = position;
    this.resuming = resuming;
    generation = source.recent().generation();
    lastProgress = source.now();
    lastMessage = lastProgress;
    loop = new DrainLoop(source.executor(), this::drain);
  }

  /** Returns the position up to which the feed was read for this follower. */
  public EventId position() {
    return position;
  }

  /** Requests a run of the loop. It returns at once. */
  public void signal() {
    loop.signal();
  }

  /** Reports to the sink that the feed was replaced or that its reader failed. */
  void interrupt() {
    sink.interrupted();
  }

  private void drain() {
    try {
      for (int steps = 0; !closed && sink.isReady() && sendNext(); steps++) {
        lastProgress = source.now();
        if (steps == MAX_STEPS) {
          signal();
          return;
        }
      }
    } catch (IOException | RuntimeException disconnected) {
      close();
    }
    if (!backlog.isEmpty() && source.isSlow(lastProgress)) {
      dropBacklog();
    }
  }

  /** Sends one message; false if there is none. */
  private boolean sendNext() throws IOException {
    FeedEvent event = completing ? null : nextEvent();
    if (gap != null) {
      sink.sendGap(gap);
      gap = null;
      sentMessage();
    } else if (event != null) {
      sink.sendEvent(event);
      sentPosition = position;
      sentMessage();
    } else if (keepAliveDue) {
      sendKeepAlive();
    } else if (unflushed) {
      sink.flush();
      unflushed = false;
    } else {
      if (completing) {
        close();
      }
      return false;
    }
    return true;
  }

  private void sentMessage() {
    lastMessage = source.now();
    unflushed = true;
  }

  /** Sends the position too, so that an idle client can resume there. */
  private void sendKeepAlive() throws IOException {
    keepAliveDue = false;
    if (completing) {
      sink.sendComment("this server stops; reconnect with the last id");
      sentMessage();
      return;
    }
    if (source.isKeepAliveDue(lastMessage)) {
      sink.sendKeepAlive(position); // one write, because isReady() precedes each
      sentPosition = position;
      sentMessage();
    } else if (!position.equals(sentPosition)) {
      sink.sendPosition(position);
      sentPosition = position;
      unflushed = true;
    }
  }

  /**
   * Returns the next event that matches; null if there is none now, or a gap must be sent first.
   */
  private FeedEvent nextEvent() {
    for (FeedEvent event = nextStored(); event != null; event = nextStored()) {
      position = event.id();
      if (filter.matches(event)) {
        return event;
      }
    }
    return null;
  }

  private FeedEvent nextStored() {
    while (gap == null) {
      if (!backlog.isEmpty()) {
        return backlog.poll();
      }
      if (backlogEnd != null) {
        position = backlogEnd;
        backlogEnd = null;
      }
      if (reading) {
        if (!acceptReceived()) {
          return null;
        }
      } else {
        RecentEvents recent = source.recent();
        FeedEvent event = recent.after(position);
        if (!resuming && recent.generation() == generation && recent.covers(position)) {
          return event;
        }
        requestSlice(recent);
        return null;
      }
    }
    return null;
  }

  /** Reads from the store, unless the last read found the end and nothing has changed since. */
  private void requestSlice(RecentEvents recent) {
    long revision = source.revision();
    if (revision != readRevision) {
      readRevision = revision;
      readGeneration = recent.generation();
      reading = true;
      source.read(this, position);
    }
  }

  /** Takes the slice that was requested; false if it has not arrived. */
  private boolean acceptReceived() {
    FeedSlice slice = received.getAndSet(null);
    if (slice == null) {
      return false;
    }
    reading = false;
    resuming = false;
    gap = readGeneration == generation ? slice.gap() : slice.gapOfKnownEvent();
    if (slice.oldest() != null || position.equals(EventId.BEGINNING)) {
      generation = readGeneration;
    }
    if (gap != null) {
      position = EventId.BEGINNING; // all stored events, without another gap
    }
    if (gap == null || slice.startsAtOldest()) {
      backlog.addAll(slice.events());
      backlogEnd = slice.end();
    }
    if (gap != null || slice.end().isAfter(slice.after())) {
      readRevision = -1;
    }
    return true;
  }

  /** Called with the slice that {@link FeedSource#read} read. */
  void onReceived(FeedSlice slice) {
    received.set(slice);
    signal();
  }

  /** A follower that accepts no data keeps no memory: its position is enough to read again. */
  private void dropBacklog() {
    backlog.clear();
    backlogEnd = null;
    readRevision = -1;
  }

  /** Requests a keep-alive, or the position if it has changed. */
  void sendKeepAliveIfDue() {
    keepAliveDue = true;
    signal();
  }

  /** Returns the time of the last successful write, as {@link System#nanoTime()}. */
  long lastProgress() {
    return lastProgress;
  }

  /** Ends the stream in order, with a last comment. */
  void complete() {
    completing = true;
    keepAliveDue = true;
    loop.signalHere();
  }

  /** Ends the stream at once. */
  public void close() {
    closed = true;
    source.remove(this);
    sink.close();
  }
}
