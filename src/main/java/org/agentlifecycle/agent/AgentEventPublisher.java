package org.agentlifecycle.agent;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * Publishes committed events: one log line for each transition, and CDI events. A failing observer
 * neither undoes a transition nor reaches the caller.
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

  /** Logs a transition and fires its event. */
  public void publish(CommittedTransition transition) {
    Agent agent = transition.agent();
    AgentStatus from = transition.event().from();
    LOG.log(
        level(agent.status()),
        "agent {0}: {1} -> {2}, version {3}",
        agent.agentId(),
        from == null ? "new" : from.wireName(),
        agent.status().wireName(),
        Long.toString(agent.version()));
    fire(transition.event());
  }

  private static Level level(AgentStatus status) {
    return switch (status) {
      case SPAWNING, RUNNING, COMPLETED -> Level.DEBUG;
      case FAILED, KILLED -> Level.INFO;
    };
  }

  /** Fires the CDI event. */
  public void fire(AgentEvent event) {
    try {
      observers.fire(event);
    } catch (RuntimeException failure) {
      LOG.log(Level.ERROR, "observer of an event failed, event " + event.id(), failure);
    }
  }
}
