package org.agentlifecycle.session;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import org.agentlifecycle.agent.AgentEventPublisher;
import org.agentlifecycle.agent.AgentQuery;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.agent.RawJson;

/**
 * Reads and ends sessions, and processes heartbeats. All methods throw {@link LifecycleException}.
 */
@ApplicationScoped
public class SessionService {
  private final SessionStore store;
  private final AgentEventPublisher events;

  /** For the client proxy. */
  protected SessionService() {
    this(null, null);
  }

  @Inject
  public SessionService(SessionStore store, AgentEventPublisher events) {
    this.store = store;
    this.events = events;
  }

  /** Returns the open session of the agent. */
  public Session find(String agentId) {
    return open(agentId, store.findSession(agentId));
  }

  /**
   * Returns one page of the agents that match the query, with their open sessions.
   *
   * @param withContext whether the sessions have their contexts
   */
  public AgentSessionPage list(AgentQuery query, boolean withContext) {
    return store.list(query, withContext);
  }

  /**
   * Replaces the context of the open session of the agent.
   *
   * @return the session with the new context
   */
  public Session replaceContext(String agentId, RawJson context) {
    return open(agentId, store.replaceContext(agentId, context));
  }

  private static Session open(String agentId, SessionResult result) {
    if (result instanceof SessionResult.AgentNotFound) {
      throw LifecycleException.agentNotFound(agentId);
    }
    return result.session().orElseThrow(() -> LifecycleException.sessionNotFound(agentId));
  }

  /**
   * Processes a heartbeat: renews the lease of the agent and stores its progress.
   *
   * @param lease length of the lease from now on; null: unchanged
   * @param progress null: unchanged
   */
  public Heartbeat heartbeat(String agentId, Duration lease, Progress progress) {
    return complete(agentId, store.heartbeat(agentId, lease, progress));
  }

  /** Returns an accepted heartbeat, or throws its rejection. It is for batches. */
  public Heartbeat complete(String agentId, HeartbeatResult result) {
    if (result instanceof HeartbeatResult.Renewed renewed) {
      return renewed.heartbeat();
    }
    if (result instanceof HeartbeatResult.Finished finished) {
      throw LifecycleException.agentFinished(agentId, finished.ending());
    }
    throw LifecycleException.agentNotFound(agentId);
  }

  /** Ends the session of a final agent: its runner confirms that the process has ended. */
  public void end(String agentId) {
    complete(agentId, store.endSession(agentId));
  }

  /** Publishes the event of a session that ended, or throws the rejection. It is for batches. */
  public void complete(String agentId, EndSessionResult result) {
    if (result instanceof EndSessionResult.Ended ended) {
      if (!ended.replayed()) {
        events.fire(ended.event());
      }
    } else if (result instanceof EndSessionResult.KeyReused) {
      throw LifecycleException.keyReused();
    } else if (result instanceof EndSessionResult.NotFinished unfinished) {
      throw LifecycleException.agentNotFinished(agentId, unfinished.current());
    } else if (result instanceof EndSessionResult.AgentNotFound) {
      throw LifecycleException.agentNotFound(agentId);
    } else {
      throw LifecycleException.sessionNotFound(agentId);
    }
  }
}
