package org.agentlifecycle.valkey;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.agentlifecycle.agent.AgentSettings;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.CommittedTransition;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.agent.Waiting;
import org.agentlifecycle.session.SessionSettings;
import org.agentlifecycle.session.SweepResult;
import org.agentlifecycle.supervision.DesiredRequest;
import org.agentlifecycle.supervision.DesiredResult;
import org.agentlifecycle.supervision.SupervisionStore;
import org.agentlifecycle.supervision.WaitingResult;

/** The supervision of agents in Valkey. */
@ApplicationScoped
public class ValkeySupervisionStore implements SupervisionStore {
  private static final String SOURCES_OF_FAILED =
      FunctionArguments.statuses(AgentStatus.FAILED.sources());
  private static final String SOURCES_OF_KILLED =
      FunctionArguments.statuses(AgentStatus.KILLED.sources());

  private final FunctionLibrary functions;
  private final SessionSettings sessions;
  private final SupervisionCalls calls;

  /** For the client proxy. */
  protected ValkeySupervisionStore() {
    functions = null;
    sessions = null;
    calls = null;
  }

  @Inject
  public ValkeySupervisionStore(
      FunctionLibrary functions, AgentSettings agents, SessionSettings sessions) {
    this.functions = functions;
    this.sessions = sessions;
    this.calls = new SupervisionCalls(agents);
  }

  @Override
  public WaitingResult startWaiting(String agentId, Waiting waiting, IdempotencyKey key) {
    return functions.write(calls.startWaiting(agentId, waiting, key));
  }

  @Override
  public WaitingResult endWaiting(String agentId, IdempotencyKey key) {
    return functions.write(calls.endWaiting(agentId, key));
  }

  @Override
  public DesiredResult setDesired(String agentId, DesiredRequest request, IdempotencyKey key) {
    return functions.write(calls.setDesired(agentId, request, key));
  }

  @Override
  public SweepResult<CommittedTransition> expireDeadlines(int limit) {
    return ReplyReader.sweepResult(
        functions.writeInBackground(
            "expire_deadlines",
            limit,
            SOURCES_OF_FAILED,
            SOURCES_OF_KILLED,
            sessions.cleanupDelay().toMillis()),
        ended ->
            ReplyReader.sweptTransition(
                ended, ReplyReader.text(ended, 5), "deadline", ReplyReader.text(ended, 6)));
  }

  @Override
  public SweepResult<CommittedTransition> killDependents(int limit) {
    return ReplyReader.sweepResult(
        functions.writeInBackground(
            "kill_dependents", limit, SOURCES_OF_KILLED, sessions.cleanupDelay().toMillis()),
        killed -> ReplyReader.sweptTransition(killed, ReplyReader.text(killed, 5), "parent", null));
  }
}
