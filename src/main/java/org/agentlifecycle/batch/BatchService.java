package org.agentlifecycle.batch;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.agentlifecycle.agent.AgentLifecycle;
import org.agentlifecycle.agent.AgentSettings;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.session.SessionService;
import org.agentlifecycle.supervision.SupervisionService;

/**
 * Executes batches. The number of batches at the same time is limited, so that they leave time and
 * memory to other callers.
 */
@ApplicationScoped
public class BatchService {
  /** Maximum number of calls in a batch. */
  public static final int MAX_CALLS = 1000;

  /** Maximum number of batches that this server executes at the same time. */
  static final int MAX_RUNNING = 8;

  /** How long a batch waits before it is rejected. */
  private static final Duration MAX_WAIT = Duration.ofMillis(250);

  private final BatchStore store;
  private final AgentLifecycle lifecycle;
  private final SessionService sessions;
  private final SupervisionService supervision;
  private final AgentSettings settings;
  private final Semaphore running = new Semaphore(MAX_RUNNING, true);

  /** For the client proxy. */
  protected BatchService() {
    this(null, null, null, null, null);
  }

  @Inject
  public BatchService(
      BatchStore store,
      AgentLifecycle lifecycle,
      SessionService sessions,
      SupervisionService supervision,
      AgentSettings settings) {
    this.store = store;
    this.lifecycle = lifecycle;
    this.sessions = sessions;
    this.supervision = supervision;
    this.settings = settings;
  }

  /**
   * Executes the calls. Each call is atomic, the batch is not. Calls on the same agent take effect
   * in their order.
   *
   * @return the results in the order of the calls
   * @throws LifecycleException {@code TOO_MANY_BATCHES}; nothing was changed
   */
  public List<BatchResult> execute(List<BatchCall> calls) {
    if (!awaitTurn()) {
      throw LifecycleException.tooManyBatches();
    }
    try {
      return new Batch(store, lifecycle, sessions, supervision, settings.lockTimeout())
          .execute(calls);
    } finally {
      running.release();
    }
  }

  private boolean awaitTurn() {
    try {
      return running.tryAcquire(MAX_WAIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
