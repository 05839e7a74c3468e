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
import org.agentlifecycle.batch.StorePipeline;
import org.agentlifecycle.session.EndSessionResult;
import org.agentlifecycle.session.HeartbeatResult;

/** Function calls in one write. */
final class ValkeyPipeline implements StorePipeline {
  private final FunctionLibrary functions;
  private final AgentCalls agents;
  private final SessionCalls sessions;
  private final List<FunctionCall<?>> calls = new ArrayList<>();
  private List<CallResult> results;

  ValkeyPipeline(FunctionLibrary functions, AgentCalls agents, SessionCalls sessions) {
    this.functions = functions;
    this.agents = agents;
    this.sessions = sessions;
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
  public Supplier<HeartbeatResult> heartbeat(String agentId, Duration lease) {
    return add(sessions.heartbeat(agentId, lease));
  }

  @Override
  public Supplier<EndSessionResult> endSession(String agentId, IdempotencyKey key) {
    return add(sessions.endSession(agentId, key));
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
