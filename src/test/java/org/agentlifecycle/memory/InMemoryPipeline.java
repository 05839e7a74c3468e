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
import org.agentlifecycle.batch.StorePipeline;
import org.agentlifecycle.session.EndSessionResult;
import org.agentlifecycle.session.HeartbeatResult;
import org.agentlifecycle.session.SessionStore;

/** Pipeline of the in-memory store: it makes the calls one after the other. */
final class InMemoryPipeline implements StorePipeline {
  private final AgentStore agents;
  private final SessionStore sessions;
  private final List<Pending<?>> calls = new ArrayList<>();

  InMemoryPipeline(AgentStore agents, SessionStore sessions) {
    this.agents = agents;
    this.sessions = sessions;
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
  public Supplier<HeartbeatResult> heartbeat(String agentId, Duration lease) {
    return add(() -> sessions.heartbeat(agentId, lease));
  }

  @Override
  public Supplier<EndSessionResult> endSession(String agentId, IdempotencyKey key) {
    return add(() -> sessions.endSession(agentId, key));
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
