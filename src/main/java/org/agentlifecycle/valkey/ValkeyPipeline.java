package org.agentlifecycle.valkey;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.agentlifecycle.agent.AgentStatus;
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
import org.agentlifecycle.supervision.DesiredRequest;
import org.agentlifecycle.supervision.DesiredResult;
import org.agentlifecycle.supervision.WaitingResult;

/** Function calls in one write. */
final class ValkeyPipeline implements StorePipeline {
  private final FunctionLibrary functions;
  private final AgentCalls agents;
  private final SessionCalls sessions;
  private final SupervisionCalls supervision;
  private final List<FunctionCall<?>> calls = new ArrayList<>();
  private List<CallResult> results;

  ValkeyPipeline(
      FunctionLibrary functions,
      AgentCalls agents,
      SessionCalls sessions,
      SupervisionCalls supervision) {
    this.functions = functions;
    this.agents = agents;
    this.sessions = sessions;
    this.supervision = supervision;
  }

  @Override
  public Supplier<RegisterResult> register(Registration registration, IdempotencyKey key) {
    return add(agents.register(registration, key));
  }

  @Override
  public Supplier<TransitionResult> move(
      String agentId, TransitionRequest request, List<AgentStatus> legalFrom, IdempotencyKey key) {
    return add(agents.move(agentId, request, legalFrom, key));
  }

  @Override
  public Supplier<HeartbeatResult> heartbeat(String agentId, Duration lease, Progress progress) {
    return add(sessions.heartbeat(agentId, lease, progress));
  }

  @Override
  public Supplier<EndSessionResult> endSession(String agentId, IdempotencyKey key) {
    return add(sessions.endSession(agentId, key));
  }

  @Override
  public Supplier<WaitingResult> startWaiting(String agentId, Waiting waiting, IdempotencyKey key) {
    return add(supervision.startWaiting(agentId, waiting, key));
  }

  @Override
  public Supplier<WaitingResult> endWaiting(String agentId, IdempotencyKey key) {
    return add(supervision.endWaiting(agentId, key));
  }

  @Override
  public Supplier<DesiredResult> setDesired(
      String agentId, DesiredRequest request, IdempotencyKey key) {
    return add(supervision.setDesired(agentId, request, key));
  }

  private <T> Supplier<T> add(FunctionCall<T> call) {
    int position = calls.size();
    calls.add(call);
    return () -> call.parser().apply(FunctionLibrary.reply(results.get(position).get()));
  }

  @Override
  public void execute() {
    results = calls.isEmpty() ? List.of() : functions.writeAll(calls);
  }
}
