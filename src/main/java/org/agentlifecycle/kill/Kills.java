package org.agentlifecycle.kill;

import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.UUID;
import java.util.concurrent.RejectedExecutionException;
import org.agentlifecycle.agent.AgentEvents;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.agent.Once;
import org.agentlifecycle.sweep.Sweep;

/**
 * Bulk kills. The server that is asked goes to work at once; every server looks at each sweep for
 * kills that are still at work, so that one outlives its server. All methods throw {@link
 * LifecycleException}.
 */
@ApplicationScoped
public class Kills implements Sweep {
  private static final Logger LOG = System.getLogger(Kills.class.getName());

  /** How many agents one call looks at, so that the store is not held up. */
  private static final int STEP = 100;

  /** How far one sweep takes a kill, so that a sweep ends soon whatever there is to kill. */
  private static final int STEPS_A_SWEEP = 50;

  @Resource private ManagedExecutorService executor;

  private final KillStore store;
  private final AgentEvents events;

  /** For the client proxy. */
  protected Kills() {
    this(null, null);
  }

  @Inject
  public Kills(KillStore store, AgentEvents events) {
    this.store = store;
    this.events = events;
  }

  /**
   * Begins a kill.
   *
   * @param once the caller's key; null where it has none
   * @return its id
   */
  public String begin(KillRequest request, Once once) {
    BeginResult result = store.begin(UUID.randomUUID().toString(), request, once);
    if (result instanceof BeginResult.TooMany) {
      throw LifecycleException.tooManyKills();
    }
    if (result instanceof BeginResult.Begun begun) {
      work(begun.killId());
      return begun.killId();
    }
    throw LifecycleException.keyReused();
  }

  /** How far a kill has come. */
  public Kill find(String killId) {
    return store.findKill(killId).orElseThrow(() -> LifecycleException.killNotFound(killId));
  }

  private void work(String killId) {
    try {
      executor.execute(() -> tryFinish(killId));
    } catch (RejectedExecutionException stopping) {
      LOG.log(Level.INFO, "kill {0} is left to another server", killId);
    }
  }

  private void tryFinish(String killId) {
    try {
      while (!step(killId)) {
        // The next step.
      }
    } catch (RuntimeException failure) {
      LOG.log(Level.WARNING, "kill " + killId + " waits for the next sweep", failure);
    }
  }

  /** One step; true where it was the last. */
  private boolean step(String killId) {
    KillStep step = store.step(killId, STEP, AgentStatus.KILLED.sources());
    step.killed().forEach(events::announce);
    return step.done();
  }

  @Override
  public String name() {
    return "bulk killing";
  }

  @Override
  public void sweep() {
    for (String killId : store.runningKills()) {
      for (int steps = 0; steps < STEPS_A_SWEEP && !step(killId); steps++) {
        // The next step.
      }
    }
  }
}
