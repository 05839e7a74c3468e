package org.agentlifecycle.memory;

import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.NotificationOptions;
import jakarta.enterprise.util.TypeLiteral;
import java.lang.annotation.Annotation;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.agentlifecycle.agent.AgentEvent;

/** CDI event that records fired events and passes them to an observer of the test. */
public final class RecordedEvents implements Event<AgentEvent> {
  private final List<AgentEvent> fired = new CopyOnWriteArrayList<>();
  private Consumer<AgentEvent> observer = event -> {};

  /** Returns the fired events in order. */
  public List<AgentEvent> fired() {
    return fired;
  }

  /** Sets the observer of later events. */
  public void observeBy(Consumer<AgentEvent> observer) {
    this.observer = observer;
  }

  @Override
  public void fire(AgentEvent event) {
    fired.add(event);
    observer.accept(event);
  }

  @Override
  public <U extends AgentEvent> CompletionStage<U> fireAsync(U event) {
    throw new UnsupportedOperationException("asynchronous events have no order");
  }

  @Override
  public <U extends AgentEvent> CompletionStage<U> fireAsync(U event, NotificationOptions options) {
    throw new UnsupportedOperationException("asynchronous events have no order");
  }

  @Override
  public Event<AgentEvent> select(Annotation... qualifiers) {
    throw new UnsupportedOperationException();
  }

  @Override
  public <U extends AgentEvent> Event<U> select(Class<U> subtype, Annotation... qualifiers) {
    throw new UnsupportedOperationException();
  }

  @Override
  public <U extends AgentEvent> Event<U> select(TypeLiteral<U> subtype, Annotation... qualifiers) {
    throw new UnsupportedOperationException();
  }
}
