package org.agentlifecycle.session;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import org.agentlifecycle.agent.AgentEvents;
import org.agentlifecycle.agent.LifecycleException;

/**
 * The open sessions, for whoever reads or ends one. All methods throw {@link LifecycleException}.
 */
@ApplicationScoped
public class Sessions {
  private final SessionStore store;
  private final AgentEvents events;

  /** For the client proxy. */
  protected Sessions() {
    this(null, null);
  }

  @Inject
  public Sessions(SessionStore store, AgentEvents events) {
    this.store = store;
    this.events = events;
  }

  /** The agent's open session. */
  public Session find(String agentId) {
    return store
        .findSession(agentId)
        .orElseThrow(() -> LifecycleException.sessionNotFound(agentId));
  }

  /**
   * Takes a runner's sign of life and renews the agent's lease.
   *
   * @param lease its length from now on; null: as before
   */
  public Heartbeat beat(String agentId, Duration lease) {
    HeartbeatResult result = store.heartbeat(agentId, lease);
    if (result instanceof HeartbeatResult.Taken taken) {
      return taken.heartbeat();
    }
    if (result instanceof HeartbeatResult.Finished finished) {
      throw LifecycleException.agentFinished(agentId, finished.status());
    }
    throw LifecycleException.agentNotFound(agentId);
  }

  /** Ends the session of a final agent: its runner confirms that the process is gone. */
  public void close(String agentId) {
    CloseResult result = store.closeSession(agentId);
    if (result instanceof CloseResult.Closed closed) {
      events.fire(closed.event());
    } else if (result instanceof CloseResult.NotFinished unfinished) {
      throw LifecycleException.agentNotFinished(agentId, unfinished.current());
    } else if (result instanceof CloseResult.NoAgent) {
      throw LifecycleException.agentNotFound(agentId);
    } else {
      throw LifecycleException.sessionNotFound(agentId);
    }
  }
}
