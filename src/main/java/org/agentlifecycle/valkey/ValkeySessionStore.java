package org.agentlifecycle.valkey;

import static org.agentlifecycle.valkey.ReplyReader.number;
import static org.agentlifecycle.valkey.ReplyReader.text;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentQuery;
import org.agentlifecycle.agent.AgentSettings;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.CommittedTransition;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.agent.RawJson;
import org.agentlifecycle.session.AgentSession;
import org.agentlifecycle.session.AgentSessionPage;
import org.agentlifecycle.session.DamagedRecords;
import org.agentlifecycle.session.EndSessionResult;
import org.agentlifecycle.session.HeartbeatResult;
import org.agentlifecycle.session.Progress;
import org.agentlifecycle.session.SessionResult;
import org.agentlifecycle.session.SessionSettings;
import org.agentlifecycle.session.SessionStore;
import org.agentlifecycle.session.SweepResult;

/** Sessions and leases in Valkey. */
@ApplicationScoped
public class ValkeySessionStore implements SessionStore {
  private final FunctionLibrary functions;
  private final AgentSettings agents;
  private final SessionSettings settings;
  private final SessionCalls calls;

  /** For the client proxy. */
  protected ValkeySessionStore() {
    functions = null;
    agents = null;
    settings = null;
    calls = null;
  }

  @Inject
  public ValkeySessionStore(
      FunctionLibrary functions, AgentSettings agents, SessionSettings settings) {
    this.functions = functions;
    this.agents = agents;
    this.settings = settings;
    this.calls = new SessionCalls(agents);
  }

  @Override
  public SessionResult findSession(String agentId) {
    return session("session", agentId, functions.read("session", agentId));
  }

  @Override
  public AgentSessionPage list(AgentQuery query, boolean withContext) {
    String include = withContext ? "session.context" : "session";
    AgentPageReply<AgentSession> page =
        AgentPageReply.read(functions, query, include, ValkeySessionStore::agentSession);
    return new AgentSessionPage(page.items(), page.next(), page.unreadable());
  }

  private static AgentSession agentSession(List<Object> item) {
    Agent agent = AgentPageReply.agent(item);
    List<Object> fields = AgentPageReply.session(item);
    if (fields == null) {
      return new AgentSession(agent, null);
    }
    return ReplyReader.parseRecord(
        agent.agentId(),
        () -> new AgentSession(agent, SessionField.session(agent.agentId(), fields)));
  }

  @Override
  public SessionResult replaceContext(String agentId, RawJson context) {
    return session("set_context", agentId, functions.write("set_context", agentId, context.text()));
  }

  private static SessionResult session(String function, String agentId, List<Object> reply) {
    return switch (text(reply, 0)) {
      case "ok" ->
          new SessionResult.Open(
              ReplyReader.parseRecord(
                  agentId, () -> SessionField.session(agentId, reply.subList(1, reply.size()))));
      case "no-session" -> new SessionResult.SessionNotFound();
      case "missing" -> new SessionResult.AgentNotFound();
      default -> throw ReplyReader.unexpectedReply(function, reply);
    };
  }

  @Override
  public EndSessionResult endSession(String agentId, IdempotencyKey key) {
    return functions.write(calls.endSession(agentId, key));
  }

  @Override
  public SweepResult<AgentEvent> cleanUpDueSessions(int limit) {
    return ReplyReader.sweepResult(
        functions.writeInBackground("clean_up", limit), ended -> ReplyReader.cleanup(ended, false));
  }

  @Override
  public HeartbeatResult heartbeat(String agentId, Duration lease, Progress progress) {
    return functions.write(calls.heartbeat(agentId, lease, progress));
  }

  @Override
  public SweepResult<CommittedTransition> expireLeases(int limit, Duration outage) {
    List<Object> reply =
        functions.writeInBackground(
            "expire",
            limit,
            outage.toMillis(),
            FunctionArguments.statuses(AgentStatus.FAILED.sources()),
            settings.cleanupDelay().toMillis());
    return ReplyReader.sweepResult(
        reply, failed -> ReplyReader.sweptTransition(failed, null, null, null));
  }

  @Override
  public SweepResult<AgentEvent> purge(int limit) {
    List<Object> reply = functions.writeInBackground("purge", agents.retention().toMillis(), limit);
    return ReplyReader.sweepResult(reply, ended -> ReplyReader.cleanup(ended, false));
  }

  @Override
  public SweepResult<AgentEvent> checkRecords(int limit) {
    return ReplyReader.sweepResult(
        functions.writeInBackground("check_records", limit),
        ended -> ReplyReader.cleanup(ended, false));
  }

  @Override
  public DamagedRecords damagedRecords(int limit) {
    List<Object> reply = functions.readInBackground("damaged_records", limit);
    return new DamagedRecords(
        number(reply.get(0)), reply.stream().skip(1).map(ReplyReader::text).toList());
  }
}
