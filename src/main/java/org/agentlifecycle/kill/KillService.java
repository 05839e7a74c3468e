package org.agentlifecycle.kill;

import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.UUID;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.agentlifecycle.agent.AgentEventPublisher;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.sweep.Sweep;

/**
 * Bulk kills. A server has one worker, which takes all running kills further in turns. The server
 * that receives a kill starts its worker immediately. Each sweep of each server continues the kills
 * that are still running, so that a kill survives the end of its server. All methods throw {@link
 * LifecycleException}.
 */
@ApplicationScoped
public class KillService implements Sweep {
  private static final Logger LOG = System.getLogger(KillService.class.getName());

  /** Maximum number of agents that one call scans, so that other calls have their turn. */
  private static final int BATCH_SIZE = 100;

  @Resource private ManagedExecutorService executor;

  /** Number of requests for a run of the worker since its last look; zero if it is not running. */
  private final AtomicInteger wakeUps = new AtomicInteger();

  private final KillStore store;
  private final AgentEventPublisher events;

  /** For the client proxy. */
  protected KillService() {
    this(null, null);
  }

  @Inject
  public KillService(KillStore store, AgentEventPublisher events) {
    this.store = store;
    this.events = events;
  }

  /**
   * Starts a bulk kill.
   *
   * @param key the caller's key; null where it has none
   * @return its id
   */
  public String start(KillRequest request, IdempotencyKey key) {
    StartKillResult result = store.start(UUID.randomUUID().toString(), request, key);
    if (result instanceof StartKillResult.TooManyKills) {
      throw LifecycleException.tooManyKills();
    }
    if (result instanceof StartKillResult.Started started) {
      submit();
      return started.killId();
    }
    throw LifecycleException.keyReused();
  }

  /** How far a kill has come. */
  public Kill find(String killId) {
    return store.findKill(killId).orElseThrow(() -> LifecycleException.killNotFound(killId));
  }

  /**
   * Asks for a run of the worker. The counter guarantees that a kill that begins during a run is
   * seen: the worker looks again until the counter is zero.
   */
  private void submit() {
    if (wakeUps.getAndIncrement() > 0) {
      return;
    }
    try {
      executor.execute(this::runToCompletion);
    } catch (RejectedExecutionException stopping) {
      wakeUps.set(0);
      LOG.log(Level.INFO, "bulk kills are left to the next sweep, because the server is stopping");
    }
  }

  private void runToCompletion() {
    int seen;
    do {
      seen = wakeUps.get();
      try {
        while (stepEach()) {
          // The next step of each kill.
        }
      } catch (RuntimeException | Error failure) {
        LOG.log(Level.WARNING, "bulk kills interrupted, the next sweep resumes them", failure);
      }
    } while (wakeUps.addAndGet(-seen) > 0);
  }

  /**
   * Takes each running kill one step further. A kill that fails does not stop the others.
   *
   * @return whether a kill needs another step
   * @throws RuntimeException the first failure, after all kills had their step
   */
  private boolean stepEach() {
    boolean more = false;
    RuntimeException failure = null;
    for (String killId : store.runningKills()) {
      try {
        more |= !step(killId);
      } catch (RuntimeException failed) {
        failure = failure == null ? failed : failure;
      }
    }
    if (failure != null) {
      throw failure;
    }
    return more;
  }

  /** Takes a kill one step further. Returns whether that was its last step. */
  private boolean step(String killId) {
    KillStep step = store.step(killId, BATCH_SIZE, AgentStatus.KILLED.sources());
    step.killed().forEach(events::publish);
    return step.done();
  }

  @Override
  public String name() {
    return "bulk killing";
  }

  /** Leaves the kills to the worker of this server if it is running. */
  @Override
  public boolean sweep() {
    return wakeUps.get() == 0 && stepEach();
  }
}
