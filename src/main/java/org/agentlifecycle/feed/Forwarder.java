package org.agentlifecycle.feed;

import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
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
  private static final Duration LINGER = Duration.ofMillis(5);

  /** Number of lingers without an event after which a run ends. */
  private static final int MAX_IDLE_LINGERS = 10;

  /** Maximum time of a run. Under load the next run starts immediately. */
  private static final Duration MAX_RUN_TIME = Duration.ofSeconds(10);

  /**
   * Runs are long, because the start of a task is expensive: Payara searches all libraries for
   * context providers.
   */
  @Resource private ManagedExecutorService executor;

  private final FeedStore store;
  private final AtomicBoolean running = new AtomicBoolean();
  private volatile boolean requested;

  /** For the client proxy. */
  protected Forwarder() {
    this(null);
  }

  @Inject
  public Forwarder(FeedStore store) {
    this.store = store;
  }

  /** Requests forwarding on another thread, because the transition of the caller is committed. */
  void onAgentEvent(@Observes AgentEvent event) {
    request();
  }

  private void request() {
    requested = true;
    if (running.compareAndSet(false, true)) {
      try {
        executor.execute(this::run);
      } catch (Throwable failure) {
        running.set(false);
        if (!(failure instanceof RejectedExecutionException)) {
          FeedFailures.log("forwarding of events failed, the next sweep retries", failure);
        }
      }
    }
  }

  private void run() {
    try {
      forwardWhileRequested();
    } catch (Throwable failure) {
      FeedFailures.log(Level.DEBUG, "forwarding of events failed, the next sweep retries", failure);
    } finally {
      running.set(false);
    }
    if (requested && !Thread.currentThread().isInterrupted()) {
      request(); // an event was committed while this run ended
    }
  }

  private void forwardWhileRequested() {
    long end = System.nanoTime() + MAX_RUN_TIME.toNanos();
    int idle = 0;
    while (idle < MAX_IDLE_LINGERS && System.nanoTime() - end < 0) {
      LockSupport.parkNanos(LINGER.toNanos());
      if (Thread.currentThread().isInterrupted()) {
        return;
      }
      if (requested) {
        forwardAll();
        idle = 0;
      } else {
        idle++;
      }
    }
  }

  private void forwardAll() {
    // First, so that an event that is committed from now on requests another call.
    requested = false;
    boolean more;
    do {
      more = sweep();
    } while (more);
  }

  @Override
  public String name() {
    return "event forwarding";
  }

  /** If the store permits no more bytes now, the rest follows after a linger. */
  @Override
  public boolean sweep() {
    ForwardResult result = store.forward(BATCH_SIZE);
    if (result.more() && result.published() == 0) {
      request();
      return false;
    }
    return result.more();
  }
}
