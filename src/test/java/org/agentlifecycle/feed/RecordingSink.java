package org.agentlifecycle.feed;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Sink that records each message as text; the test sets whether it is ready. */
class RecordingSink implements EventSink {
  volatile boolean ready = true;
  volatile boolean closed;
  final List<String> messages = new CopyOnWriteArrayList<>();

  /** Returns the ids of the received events. */
  List<String> events() {
    return messages.stream().filter(m -> m.startsWith("event ")).map(m -> m.substring(6)).toList();
  }

  List<String> gaps() {
    return messages.stream().filter(m -> m.startsWith("gap ")).toList();
  }

  List<String> comments() {
    return messages.stream().filter(m -> m.startsWith("comment ")).toList();
  }

  @Override
  public boolean isReady() {
    return ready;
  }

  @Override
  public void sendEvent(FeedEvent event) {
    messages.add("event " + event.id());
  }

  @Override
  public void sendGap(Gap gap) {
    messages.add("gap " + gap.asked() + " " + gap.oldest());
  }

  @Override
  public void sendPosition(EventId position) {
    messages.add("position " + position);
  }

  @Override
  public void sendKeepAlive(EventId position) {
    messages.add("comment keep-alive");
    messages.add("position " + position);
  }

  @Override
  public void sendComment(String text) {
    messages.add("comment " + text);
  }

  @Override
  public void flush() {
    messages.add("flush");
  }

  @Override
  public void close() {
    closed = true;
  }
}
