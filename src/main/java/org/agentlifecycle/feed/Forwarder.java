package org.agentlifecycle.feed;

import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.lang.System.Logger.Level;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.sweep.Sweep;

/**
 * Publishes the events of the feed on the channel: soon after each event of this server, and at
 * every sweep the unpublished events of servers that have ended.
 */
@ApplicationScoped
public class Forwarder implements Sweep {

  /** Maximum number of events of one call, so that other calls have their turn. */
  private static final int BATCH_SIZE = 500;

  /** Time in which events are gathered, so that many share one call. */
  private static final long LINGER_MS = 5;

  /** Time until the store permits more bytes. */
  private static final long PAUSE_MS = 50;

  @Resource private ManagedScheduledExecutorService managed;

  private final FeedStore store;
  private final AtomicBoolean scheduled = new AtomicBoolean();

  /** For the client proxy. */
  protected Forwarder() {
    this(null);
  }

  @Inject
  public Forwarder(FeedStore store) {
    this.store = store;
  }

  /** Requests a run on another thread: the transition of the caller is committed, and stays so. */
  void onAgentEvent(@Observes AgentEvent event) {
    schedule(LINGER_MS);
  }

  private void schedule(long delayMs) {
    if (!scheduled.compareAndSet(false, true)) {
      return;
    }
    try {
      Future<?> unused = managed.schedule(this::runScheduled, delayMs, TimeUnit.MILLISECONDS);
    } catch (Throwable failure) {
      // The events wait in the feed for the next sweep, or for another server.
      scheduled.set(false);
      if (!(failure instanceof RejectedExecutionException)) {
        FeedFailures.log("forwarding of events failed, the next sweep retries", failure);
      }
    }
  }

  private void runScheduled() {
    // First, so that an event that is committed from now on requests another run.
    scheduled.set(false);
    try {
      if (sweep()) {
        schedule(0);
      }
    } catch (Throwable failure) {
      FeedFailures.log(Level.DEBUG, "forwarding of events failed, the next sweep retries", failure);
    }
  }

  @Override
  public String name() {
    return "event forwarding";
  }

  /** If the store permits no more bytes now, the rest follows after a pause. */
  @Override
  public boolean sweep() {
    ForwardResult result = store.forward(BATCH_SIZE);
    if (result.more() && result.published() == 0) {
      schedule(PAUSE_MS);
      return false;
    }
    return result.more();
  }
}
