package org.agentlifecycle.valkey;

import static org.agentlifecycle.valkey.ReplyReader.text;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.agentlifecycle.agent.AgentSettings;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.Desired;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.session.EndSessionResult;
import org.agentlifecycle.session.Heartbeat;
import org.agentlifecycle.session.HeartbeatResult;
import org.agentlifecycle.session.Progress;

/** Calls of the functions that renew a lease and end a session. */
final class SessionCalls {
  private static final String FINAL_STATUSES =
      FunctionArguments.statuses(
          Arrays.stream(AgentStatus.values()).filter(AgentStatus::isFinal).toList());

  private final AgentSettings settings;

  SessionCalls(AgentSettings settings) {
    this.settings = settings;
  }

  FunctionCall<HeartbeatResult> heartbeat(String agentId, Duration lease, Progress progress) {
    return new FunctionCall<>(
        "heartbeat",
        List.of(
            agentId,
            lease == null ? "" : lease.toMillis(),
            progress == null ? "" : FunctionArguments.progress(progress)),
        reply -> heartbeatResult(agentId, reply));
  }

  private static HeartbeatResult heartbeatResult(String agentId, List<Object> reply) {
    return switch (text(reply, 0)) {
      case "ok" ->
          new HeartbeatResult.Renewed(
              new Heartbeat(
                  agentId,
                  ReplyReader.status(text(reply, 1)),
                  ReplyReader.instant(reply, 2),
                  reply.size() > 3 ? desired(agentId, reply.subList(3, 7)) : null));
      case "finished" -> new HeartbeatResult.Finished(ReplyReader.ending(reply, 1));
      case "missing" -> new HeartbeatResult.AgentNotFound();
      default -> throw ReplyReader.unexpectedReply("heartbeat", reply);
    };
  }

  private static Desired desired(String agentId, List<Object> fields) {
    return ReplyReader.parseRecord(agentId, () -> SessionField.desired(fields));
  }

  FunctionCall<EndSessionResult> endSession(String agentId, IdempotencyKey key) {
    return new FunctionCall<>(
        "close_session",
        FunctionArguments.withKey(key, settings, agentId, FINAL_STATUSES),
        SessionCalls::endSessionResult);
  }

  private static EndSessionResult endSessionResult(List<Object> reply) {
    return switch (text(reply, 0)) {
      case "ok" -> ended(reply, false);
      case "replayed" -> ended(reply, true);
      case "unfinished" -> new EndSessionResult.NotFinished(ReplyReader.status(text(reply, 1)));
      case "no-session" -> new EndSessionResult.SessionNotFound();
      case "missing" -> new EndSessionResult.AgentNotFound();
      case "reused" -> new EndSessionResult.KeyReused();
      default -> throw ReplyReader.unexpectedReply("close_session", reply);
    };
  }

  private static EndSessionResult ended(List<Object> reply, boolean replayed) {
    return new EndSessionResult.Ended(
        ReplyReader.cleanup(reply.subList(1, reply.size()), true), replayed);
  }
}
