package org.agentlifecycle.valkey;

import static org.agentlifecycle.valkey.FunctionArguments.optional;
import static org.agentlifecycle.valkey.ReplyReader.number;
import static org.agentlifecycle.valkey.ReplyReader.text;

import java.time.Instant;
import java.util.List;
import org.agentlifecycle.agent.AgentSettings;
import org.agentlifecycle.agent.Desired;
import org.agentlifecycle.agent.DesiredEvent;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.agent.Waiting;
import org.agentlifecycle.agent.WaitingEvent;
import org.agentlifecycle.supervision.DesiredRequest;
import org.agentlifecycle.supervision.DesiredResult;
import org.agentlifecycle.supervision.WaitingResult;

/** Calls of the functions that record whom an agent waits for and what is wanted of it. */
final class SupervisionCalls {
  private final AgentSettings settings;

  SupervisionCalls(AgentSettings settings) {
    this.settings = settings;
  }

  FunctionCall<WaitingResult> startWaiting(String agentId, Waiting waiting, IdempotencyKey key) {
    return new FunctionCall<>(
        "set_waiting",
        FunctionArguments.withKey(key, settings, agentId, FunctionArguments.waiting(waiting)),
        reply -> waitingResult("set_waiting", agentId, waiting, reply));
  }

  FunctionCall<WaitingResult> endWaiting(String agentId, IdempotencyKey key) {
    return new FunctionCall<>(
        "resume",
        FunctionArguments.withKey(key, settings, agentId),
        reply -> waitingResult("resume", agentId, null, reply));
  }

  /**
   * @param waiting what the agent waits for, without its time; null: nobody
   */
  private static WaitingResult waitingResult(
      String function, String agentId, Waiting waiting, List<Object> reply) {
    return switch (text(reply, 0)) {
      case "ok" -> new WaitingResult.Accepted(waitingEvent(agentId, waiting, reply), false);
      case "replayed" -> new WaitingResult.Accepted(waitingEvent(agentId, waiting, reply), true);
      case "not-running" -> new WaitingResult.NotRunning(ReplyReader.status(text(reply, 1)));
      case "finished" -> new WaitingResult.Finished(ReplyReader.ending(reply, 1));
      case "missing" -> new WaitingResult.AgentNotFound();
      case "reused" -> new WaitingResult.KeyReused();
      default -> throw ReplyReader.unexpectedReply(function, reply);
    };
  }

  private static WaitingEvent waitingEvent(String agentId, Waiting waiting, List<Object> reply) {
    if (reply.size() == 1) {
      return null;
    }
    Instant at = ReplyReader.instant(reply, 2);
    return new WaitingEvent(
        text(reply, 1),
        agentId,
        text(reply, 3),
        at,
        number(reply.get(4)),
        waiting == null ? null : new Waiting(waiting.kind(), waiting.note(), waiting.url(), at));
  }

  FunctionCall<DesiredResult> setDesired(
      String agentId, DesiredRequest request, IdempotencyKey key) {
    return new FunctionCall<>(
        "set_desired",
        FunctionArguments.withKey(
            key,
            settings,
            agentId,
            request.mode().wireName(),
            request.grace() == null ? "" : request.grace().toMillis(),
            optional(request.reason())),
        reply -> desiredResult(agentId, reply));
  }

  private static DesiredResult desiredResult(String agentId, List<Object> reply) {
    return switch (text(reply, 0)) {
      case "ok" -> ReplyReader.parseRecord(agentId, () -> desired(agentId, reply, false));
      case "replayed" -> ReplyReader.parseRecord(agentId, () -> desired(agentId, reply, true));
      case "stop-requested" -> new DesiredResult.StopRequested();
      case "finished" -> new DesiredResult.Finished(ReplyReader.ending(reply, 1));
      case "missing" -> new DesiredResult.AgentNotFound();
      case "reused" -> new DesiredResult.KeyReused();
      default -> throw ReplyReader.unexpectedReply("set_desired", reply);
    };
  }

  private static DesiredResult desired(String agentId, List<Object> reply, boolean replayed) {
    Desired desired = SessionField.desired(reply.subList(5, 9));
    return new DesiredResult.Accepted(
        desired,
        text(reply, 1) == null ? null : event(agentId, reply.subList(1, 9), null),
        replayed);
  }

  /**
   * Reads the event of a desired state.
   *
   * @param reply id of the event, its time in ms, the task, the version and the desired state
   */
  static DesiredEvent event(String agentId, List<Object> reply, String killId) {
    return new DesiredEvent(
        text(reply, 0),
        agentId,
        text(reply, 2),
        ReplyReader.instant(reply, 1),
        number(reply.get(3)),
        SessionField.desired(reply.subList(4, 8)),
        killId);
  }
}
