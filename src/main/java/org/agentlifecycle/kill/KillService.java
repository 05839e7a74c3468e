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
 * Runs bulk kills. Each server has one worker, which performs the steps of all running kills in
 * turns. The server that receives a kill starts its worker immediately. The sweeps of all servers
 * continue the running kills, so that a kill survives the end of its server. All methods throw
 * {@link LifecycleException}.
 */
@ApplicationScoped
public class KillService implements Sweep {
  private static final Logger LOG = System.getLogger(KillService.class.getName());

  /** Maximum number of agents that one call scans, so that other calls have their turn. */
  private static final int BATCH_SIZE = 100;

  @Resource private ManagedExecutorService executor;

  /** Number of requests for a run of the worker; zero: the worker is not running. */
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
   * @param key idempotency key of the call; null: none
   * @return the id of the kill
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

  /** Returns the progress of a kill. */
  public Kill find(String killId) {
    return store.findKill(killId).orElseThrow(() -> LifecycleException.killNotFound(killId));
  }

  /**
   * Requests a run of the worker. The worker repeats its run until the counter is zero, so that it
   * processes a kill that starts during a run.
   */
  private void submit() {
    if (wakeUps.getAndIncrement() > 0) {
      return;
    }
    try {
      executor.execute(this::runToCompletion);
    } catch (RejectedExecutionException stopping) {
      wakeUps.set(0);
      LOG.log(
          Level.INFO, "bulk kills continue with the next sweep, because the server is stopping");
    }
  }

  private void runToCompletion() {
    int seen;
    do {
      seen = wakeUps.get();
      try {
        while (stepEach()) {
          // each iteration performs one step of each kill
        }
      } catch (RuntimeException | Error failure) {
        LOG.log(Level.WARNING, "bulk kills interrupted, the next sweep resumes them", failure);
      }
    } while (wakeUps.addAndGet(-seen) > 0);
  }

  /**
   * Performs one step of each running kill. A kill that fails does not stop the others.
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

  /** Performs one step of a kill and returns whether the kill has reached all agents. */
  private boolean step(String killId) {
    KillStep step = store.step(killId, BATCH_SIZE, AgentStatus.KILLED.sources());
    step.killed().forEach(events::publish);
    step.stopping().forEach(events::fire);
    return step.done();
  }

  @Override
  public String name() {
    return "bulk kills";
  }

  /** Does nothing if the worker of this server is running. */
  @Override
  public boolean sweep() {
    return wakeUps.get() == 0 && stepEach();
  }
}
