package org.agentlifecycle.agent;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * Tells of what is committed: one line in the log for each transition, and CDI events. An observer
 * that fails never undoes what happened, nor does it reach the caller.
 */
@ApplicationScoped
public class AgentEventPublisher {
  private static final Logger LOG = System.getLogger(AgentEventPublisher.class.getName());

  private final Event<AgentEvent> observers;

  /** For the client proxy. */
  protected AgentEventPublisher() {
    this(null);
  }

  @Inject
  public AgentEventPublisher(Event<AgentEvent> observers) {
    this.observers = observers;
  }

  /** Logs a transition and tells the observers. */
  public void publish(CommittedTransition change) {
    Agent agent = change.agent();
    AgentStatus from = change.event().from();
    LOG.log(
        level(agent.status()),
        "agent {0}: {1} -> {2}, version {3}",
        agent.agentId(),
        from == null ? "new" : from.wireName(),
        agent.status().wireName(),
        Long.toString(agent.version()));
    fire(change.event());
  }

  private static Level level(AgentStatus status) {
    return switch (status) {
      case SPAWNING, RUNNING, COMPLETED -> Level.DEBUG;
      case FAILED, KILLED -> Level.INFO;
    };
  }

  /** Tells the observers of an event that the store has committed. */
  public void fire(AgentEvent event) {
    try {
      observers.fire(event);
    } catch (RuntimeException failure) {
      LOG.log(Level.ERROR, "an observer failed at event " + event.id(), failure);
    }
  }
}
