package org.agentlifecycle.valkey;

import static org.agentlifecycle.valkey.ReplyReader.number;
import static org.agentlifecycle.valkey.ReplyReader.text;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import org.agentlifecycle.agent.AgentSettings;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.kill.Kill;
import org.agentlifecycle.kill.KillRequest;
import org.agentlifecycle.kill.KillStep;
import org.agentlifecycle.kill.KillStore;
import org.agentlifecycle.kill.StartKillResult;
import org.agentlifecycle.session.SessionSettings;

/** Bulk kills in Valkey. */
@ApplicationScoped
public class ValkeyKillStore implements KillStore {

  /** Maximum number of running kills. Every transition to a final status reads each of them. */
  private static final int MAX_RUNNING = 32;

  private final FunctionLibrary functions;
  private final AgentSettings agents;
  private final SessionSettings sessions;

  /** For the client proxy. */
  protected ValkeyKillStore() {
    this(null, null, null);
  }

  @Inject
  public ValkeyKillStore(
      FunctionLibrary functions, AgentSettings agents, SessionSettings sessions) {
    this.functions = functions;
    this.agents = agents;
    this.sessions = sessions;
  }

  @Override
  public StartKillResult start(String killId, KillRequest request, IdempotencyKey key) {
    List<Object> reply =
        functions.write(
            "begin_kill",
            FunctionArguments.withKey(
                    key,
                    agents,
                    killId,
                    FunctionArguments.optional(request.taskId()),
                    request.status() == null ? "" : request.status().wireName(),
                    FunctionArguments.labels(request.labels()),
                    FunctionArguments.optional(request.reason()),
                    request.dryRun() ? "1" : "",
                    MAX_RUNNING,
                    FunctionArguments.optional(request.tree()),
                    request.grace() == null ? "" : request.grace().toMillis())
                .toArray());
    return switch (text(reply, 0)) {
      case "ok", "replayed" -> new StartKillResult.Started(text(reply, 1));
      case "busy" -> new StartKillResult.TooManyKills();
      case "reused" -> new StartKillResult.KeyReused();
      default -> throw ReplyReader.unexpectedReply("begin_kill", reply);
    };
  }

  @Override
  public KillStep step(String killId, int limit, List<AgentStatus> legalFrom) {
    List<Object> reply =
        functions.writeInBackground(
            "step_kill",
            killId,
            limit,
            FunctionArguments.statuses(legalFrom),
            sessions.cleanupDelay().toMillis(),
            agents.retention().toMillis());
    if (reply.size() == 1) {
      return new KillStep(true, List.of(), List.of());
    }
    return new KillStep(
        "done".equals(text(reply, 0)),
        ReplyReader.map(
            ReplyReader.list(reply.get(1)),
            killed -> ReplyReader.sweptTransition(killed, text(killed, 5), null, killId)),
        ReplyReader.map(
            ReplyReader.list(reply.get(2)),
            stopping -> SupervisionCalls.event(text(stopping, 0), stopping.subList(1, 9), killId)));
  }

  @Override
  public Optional<Kill> findKill(String killId) {
    List<Object> found = functions.read("find_kill", killId);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Kill(
            killId,
            "running".equals(text(found, 0)),
            number(found.get(1)) == 1,
            number(found.get(2)),
            number(found.get(3)),
            number(found.get(4)),
            ReplyReader.instant(found, 5),
            ReplyReader.instant(found, 6),
            ReplyReader.instant(found, 7)));
  }

  @Override
  public List<String> runningKills() {
    return functions.readInBackground("running_kills").stream().map(ReplyReader::text).toList();
  }
}
