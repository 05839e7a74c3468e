package org.agentlifecycle.feed;

import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.sweep.Sweep;

/**
 * Sees to it that what is in the feed reaches the channel: soon after each event of this server,
 * and at every sweep for what a server left behind that died.
 */
@ApplicationScoped
public class Forwarder implements Sweep {
  private static final Logger LOG = System.getLogger(Forwarder.class.getName());

  /** How many events one call publishes, so that the store is not held up. */
  private static final int BATCH = 500;

  /** How long events are gathered, so that many share one call. */
  private static final long GATHER_MS = 5;

  @Resource private ManagedScheduledExecutorService managed;

  private final FeedStore store;
  private final AtomicBoolean asked = new AtomicBoolean();

  /** For the client proxy. */
  protected Forwarder() {
    this(null);
  }

  @Inject
  public Forwarder(FeedStore store) {
    this.store = store;
  }

  /** Asks for a forward on another thread: the caller's transition is done, and stays done. */
  void forward(@Observes AgentEvent event) {
    if (asked.compareAndSet(false, true)) {
      ask();
    }
  }

  private void ask() {
    try {
      Future<?> unused = managed.schedule(this::forwardAsked, GATHER_MS, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException stopping) {
      // What is in the feed waits there for another server, or for this one's next start.
      asked.set(false);
    }
  }

  private void forwardAsked() {
    // First of all, so that an event committed from now on asks again.
    asked.set(false);
    try {
      if (sweep() && asked.compareAndSet(false, true)) {
        ask();
      }
    } catch (RuntimeException failure) {
      LOG.log(Level.DEBUG, "events wait for the next sweep to be forwarded", failure);
    }
  }

  @Override
  public String name() {
    return "forwarding";
  }

  @Override
  public boolean sweep() {
    return store.forward(BATCH) == BATCH;
  }
}
