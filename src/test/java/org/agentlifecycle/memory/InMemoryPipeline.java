package org.agentlifecycle.memory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.AgentStore;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.agent.RegisterResult;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.agent.TransitionResult;
import org.agentlifecycle.agent.Waiting;
import org.agentlifecycle.batch.StorePipeline;
import org.agentlifecycle.session.EndSessionResult;
import org.agentlifecycle.session.HeartbeatResult;
import org.agentlifecycle.session.Progress;
import org.agentlifecycle.session.SessionStore;
import org.agentlifecycle.supervision.DesiredRequest;
import org.agentlifecycle.supervision.DesiredResult;
import org.agentlifecycle.supervision.SupervisionStore;
import org.agentlifecycle.supervision.WaitingResult;

/** Pipeline of the in-memory store: it makes the calls one after the other. */
final class InMemoryPipeline implements StorePipeline {
  private final AgentStore agents;
  private final SessionStore sessions;
  private final SupervisionStore supervision;
  private final List<Pending<?>> calls = new ArrayList<>();

  InMemoryPipeline(AgentStore agents, SessionStore sessions, SupervisionStore supervision) {
    this.agents = agents;
    this.sessions = sessions;
    this.supervision = supervision;
  }

  private static final class Pending<T> implements Supplier<T> {
    private final Supplier<T> call;
    private T result;

    Pending(Supplier<T> call) {
      this.call = call;
    }

    void execute() {
      result = call.get();
    }

    @Override
    public T get() {
      return result;
    }
  }

  @Override
  public Supplier<RegisterResult> register(Registration registration, IdempotencyKey key) {
    return add(() -> agents.register(registration, key));
  }

  @Override
  public Supplier<TransitionResult> move(
      String agentId, TransitionRequest request, List<AgentStatus> legalFrom, IdempotencyKey key) {
    return add(() -> agents.move(agentId, request, legalFrom, key));
  }

  @Override
  public Supplier<HeartbeatResult> heartbeat(String agentId, Duration lease, Progress progress) {
    return add(() -> sessions.heartbeat(agentId, lease, progress));
  }

  @Override
  public Supplier<EndSessionResult> endSession(String agentId, IdempotencyKey key) {
    return add(() -> sessions.endSession(agentId, key));
  }

  @Override
  public Supplier<WaitingResult> startWaiting(String agentId, Waiting waiting, IdempotencyKey key) {
    return add(() -> supervision.startWaiting(agentId, waiting, key));
  }

  @Override
  public Supplier<WaitingResult> endWaiting(String agentId, IdempotencyKey key) {
    return add(() -> supervision.endWaiting(agentId, key));
  }

  @Override
  public Supplier<DesiredResult> setDesired(
      String agentId, DesiredRequest request, IdempotencyKey key) {
    return add(() -> supervision.setDesired(agentId, request, key));
  }

  private <T> Supplier<T> add(Supplier<T> call) {
    Pending<T> pending = new Pending<>(call);
    calls.add(pending);
    return pending;
  }

  @Override
  public void execute() {
    calls.forEach(Pending::execute);
  }
}
