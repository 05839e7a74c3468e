package org.agentlifecycle.agent;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * Fires what is committed as CDI events. An observer that fails never undoes what happened, nor
 * does it reach the caller.
 */
@ApplicationScoped
public class AgentEvents {
  private static final Logger LOG = System.getLogger(AgentEvents.class.getName());

  private final Event<AgentEvent> observers;

  /** For the client proxy. */
  protected AgentEvents() {
    this(null);
  }

  @Inject
  public AgentEvents(Event<AgentEvent> observers) {
    this.observers = observers;
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
