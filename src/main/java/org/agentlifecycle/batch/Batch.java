package org.agentlifecycle.batch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.agentlifecycle.agent.AgentLifecycle;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.agent.LifecycleException.Reason;
import org.agentlifecycle.agent.RegisterResult;
import org.agentlifecycle.agent.TransitionResult;
import org.agentlifecycle.session.EndSessionResult;
import org.agentlifecycle.session.HeartbeatResult;
import org.agentlifecycle.session.SessionService;
import org.agentlifecycle.supervision.DesiredResult;
import org.agentlifecycle.supervision.SupervisionService;
import org.agentlifecycle.supervision.WaitingResult;

/**
 * Execution of one batch. It has slices: the locks of a slice are held, and its calls are sent
 * together, while other callers have their turn between two slices.
 */
final class Batch {

  /** Maximum number of calls in a slice. The store needs about a millisecond for it. */
  static final int MAX_SLICE = 50;

  /** No slice starts after the store took so long, so that the request ends in time. */
  private static final Duration MAX_STORE_TIME = Duration.ofMillis(900);

  private final BatchStore store;
  private final AgentLifecycle lifecycle;
  private final SessionService sessions;
  private final SupervisionService supervision;
  private final List<BatchResult> results = new ArrayList<>();
  private Duration lockTimeout;
  private Duration storeTime = Duration.ZERO;

  /** Why no other slice is sent; null: the next slice is sent. */
  private LifecycleException outage;

  /**
   * @param lockTimeout how long the batch waits for locks, in total
   */
  Batch(
      BatchStore store,
      AgentLifecycle lifecycle,
      SessionService sessions,
      SupervisionService supervision,
      Duration lockTimeout) {
    this.store = store;
    this.lifecycle = lifecycle;
    this.sessions = sessions;
    this.supervision = supervision;
    this.lockTimeout = lockTimeout;
  }

  List<BatchResult> execute(List<BatchCall> calls) {
    while (results.size() < calls.size()) {
      int from = results.size();
      List<BatchCall> slice = calls.subList(from, Math.min(from + MAX_SLICE, calls.size()));
      if (outage == null) {
        executeSlice(slice);
      } else {
        fail(slice.size(), outage);
      }
    }
    return results;
  }

  private void executeSlice(List<BatchCall> slice) {
    SortedSet<String> agentIds = new TreeSet<>();
    for (BatchCall call : slice) {
      if (call.lockedAgent() != null) {
        agentIds.add(call.lockedAgent());
      }
    }
    long start = System.nanoTime();
    lifecycle.withLocks(
        agentIds,
        lockTimeout,
        busy -> {
          long locked = System.nanoTime();
          lockTimeout = shorten(lockTimeout, locked - start);
          send(slice, busy);
          storeTime = storeTime.plusNanos(System.nanoTime() - locked);
          return null;
        });
    if (outage == null && storeTime.compareTo(MAX_STORE_TIME) > 0) {
      outage = LifecycleException.storeUnavailable(Duration.ofSeconds(1), null);
    }
  }

  private static Duration shorten(Duration timeout, long nanos) {
    Duration rest = timeout.minusNanos(nanos);
    return rest.isNegative() ? Duration.ZERO : rest;
  }

  private void send(List<BatchCall> slice, Set<String> busy) {
    StorePipeline pipeline = store.pipeline();
    List<Supplier<BatchResult>> added = new ArrayList<>(slice.size());
    for (BatchCall call : slice) {
      String agentId = call.lockedAgent();
      added.add(agentId != null && busy.contains(agentId) ? busy(agentId) : add(call, pipeline));
    }
    try {
      pipeline.execute();
    } catch (LifecycleException notSent) {
      outage = notSent;
      fail(slice.size(), notSent);
      return;
    }
    added.forEach(result -> results.add(result(result)));
  }

  private static Supplier<BatchResult> busy(String agentId) {
    return () -> new BatchResult.Failed(LifecycleException.busy(agentId));
  }

  private Supplier<BatchResult> add(BatchCall call, StorePipeline pipeline) {
    if (call instanceof BatchCall.Register register) {
      Supplier<RegisterResult> reply = pipeline.register(register.registration(), register.key());
      return () ->
          new BatchResult.Registered(lifecycle.complete(register.registration(), reply.get()));
    }
    if (call instanceof BatchCall.Move move) {
      Supplier<TransitionResult> reply =
          pipeline.move(move.agentId(), move.request(), move.request().to().sources(), move.key());
      return () ->
          new BatchResult.Moved(lifecycle.complete(move.agentId(), move.request(), reply.get()));
    }
    if (call instanceof BatchCall.SendHeartbeat heartbeat) {
      Supplier<HeartbeatResult> reply =
          pipeline.heartbeat(heartbeat.agentId(), heartbeat.lease(), heartbeat.progress());
      return () -> new BatchResult.Renewed(sessions.complete(heartbeat.agentId(), reply.get()));
    }
    if (call instanceof BatchCall.SetDesired set) {
      Supplier<DesiredResult> reply = pipeline.setDesired(set.agentId(), set.request(), set.key());
      return () -> new BatchResult.DesiredSet(supervision.complete(set.agentId(), reply.get()));
    }
    if (call instanceof BatchCall.StartWaiting start) {
      return waiting(
          start.agentId(), pipeline.startWaiting(start.agentId(), start.waiting(), start.key()));
    }
    if (call instanceof BatchCall.EndWaiting end) {
      return waiting(end.agentId(), pipeline.endWaiting(end.agentId(), end.key()));
    }
    BatchCall.EndSession end = (BatchCall.EndSession) call;
    Supplier<EndSessionResult> reply = pipeline.endSession(end.agentId(), end.key());
    return () -> {
      sessions.complete(end.agentId(), reply.get());
      return new BatchResult.Done();
    };
  }

  private Supplier<BatchResult> waiting(String agentId, Supplier<WaitingResult> reply) {
    return () -> {
      supervision.complete(agentId, reply.get());
      return new BatchResult.Done();
    };
  }

  /** Returns the result of a sent call. A fault of one call does not affect the others. */
  private BatchResult result(Supplier<BatchResult> call) {
    try {
      return call.get();
    } catch (RuntimeException failure) {
      if (failure instanceof LifecycleException rejected
          && rejected.reason() == Reason.OUTCOME_UNKNOWN) {
        outage = LifecycleException.storeUnavailable(rejected.retryAfter(), rejected);
      }
      return new BatchResult.Failed(failure);
    }
  }

  private void fail(int calls, LifecycleException reason) {
    results.addAll(Collections.nCopies(calls, new BatchResult.Failed(reason)));
  }
}
