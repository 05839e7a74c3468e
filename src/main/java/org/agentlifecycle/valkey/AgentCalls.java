package org.agentlifecycle.valkey;

import static org.agentlifecycle.valkey.FunctionArguments.optional;
import static org.agentlifecycle.valkey.ReplyReader.number;
import static org.agentlifecycle.valkey.ReplyReader.text;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.agentlifecycle.admission.AdmissionSettings;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentSettings;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.AgentVersion;
import org.agentlifecycle.agent.CommittedTransition;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.agent.Output;
import org.agentlifecycle.agent.Parent;
import org.agentlifecycle.agent.RegisterResult;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.Timeouts;
import org.agentlifecycle.agent.TransitionEvent;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.agent.TransitionResult;
import org.agentlifecycle.session.SessionSettings;

/** Calls of the functions that register and move an agent. */
final class AgentCalls {
  private final AgentSettings settings;
  private final SessionSettings sessions;
  private final AdmissionSettings admission;

  AgentCalls(AgentSettings settings, SessionSettings sessions, AdmissionSettings admission) {
    this.settings = settings;
    this.sessions = sessions;
    this.admission = admission;
  }

  FunctionCall<RegisterResult> register(Registration registration, IdempotencyKey key) {
    Duration lease = registration.lease() == null ? sessions.defaultLease() : registration.lease();
    Timeouts timeouts = registration.timeouts().or(settings.defaultTimeouts());
    Parent parent = registration.parent();
    return new FunctionCall<>(
        "register",
        FunctionArguments.withKey(
            key,
            settings,
            registration.agentId(),
            registration.taskId(),
            FunctionArguments.labels(registration.labels()),
            optional(registration.metadata()),
            optional(registration.session()),
            millis(lease),
            admission.maxActive(),
            millis(timeouts.start()),
            millis(timeouts.run()),
            parent == null ? "" : parent.agentId(),
            parent != null && parent.onEnd() == Parent.OnEnd.KILL ? "1" : ""),
        reply -> registerResult(registration, reply));
  }

  private static Object millis(Duration duration) {
    return duration == null ? "" : duration.toMillis();
  }

  private static RegisterResult registerResult(Registration registration, List<Object> reply) {
    return switch (text(reply, 0)) {
      case "ok" -> new RegisterResult.Registered(registered(registration, reply), false);
      case "replayed" -> new RegisterResult.Registered(registered(registration, reply), true);
      case "exists" -> new RegisterResult.AlreadyExists();
      case "parent-not-active" -> new RegisterResult.ParentNotActive();
      case "too-deep" -> new RegisterResult.TreeTooDeep();
      case "closed" -> new RegisterResult.AdmissionClosed();
      case "limit" -> new RegisterResult.AdmissionLimitReached(number(reply.get(1)));
      case "reused" -> new RegisterResult.KeyReused();
      default -> throw ReplyReader.unexpectedReply("register", reply);
    };
  }

  /**
   * The id is that of the reply: a retry without an id has another generated id than the first
   * call.
   */
  private static CommittedTransition registered(Registration registration, List<Object> reply) {
    Instant at = ReplyReader.instant(reply, 2);
    String agentId = text(reply, 3);
    boolean supervised = reply.size() > 5;
    Agent agent =
        new Agent(
            agentId,
            registration.taskId(),
            ReplyReader.family(agentId, supervised ? text(reply, 5) : null),
            AgentStatus.SPAWNING,
            1,
            at,
            null,
            null,
            null,
            supervised ? ReplyReader.timeouts(text(reply, 6), text(reply, 7)) : Timeouts.NONE,
            registration.labels(),
            registration.metadata(),
            Output.NONE,
            null,
            reply.size() > 4 ? number(reply.get(4)) : Agent.UNKNOWN_SEQUENCE);
    return new CommittedTransition(
        agent, TransitionEvent.of(agent, text(reply, 1), at, null, null, null, null));
  }

  FunctionCall<TransitionResult> move(
      String agentId, TransitionRequest request, List<AgentStatus> legalFrom, IdempotencyKey key) {
    return new FunctionCall<>(
        "move",
        FunctionArguments.withKey(
            key,
            settings,
            agentId,
            request.to().wireName(),
            request.to().isFinal() ? sessions.cleanupDelay().toMillis() : "",
            FunctionArguments.statuses(legalFrom),
            request.ifVersion() == null ? "*" : commaList(request.ifVersion()),
            optional(request.error()),
            optional(request.reason()),
            "",
            optional(request.output().result()),
            FunctionArguments.links(request.output().links())),
        reply -> transitionResult(agentId, request, reply));
  }

  private static TransitionResult transitionResult(
      String agentId, TransitionRequest request, List<Object> reply) {
    return switch (text(reply, 0)) {
      case "ok" -> new TransitionResult.Applied(applied(agentId, request, reply), false);
      case "replayed" -> new TransitionResult.Applied(applied(agentId, request, reply), true);
      case "illegal" -> new TransitionResult.Illegal(ReplyReader.status(text(reply, 1)));
      case "stale" -> new TransitionResult.VersionMismatch(number(reply.get(1)));
      case "missing" -> new TransitionResult.NotFound();
      case "reused" -> new TransitionResult.KeyReused();
      default -> throw ReplyReader.unexpectedReply("move", reply);
    };
  }

  private static CommittedTransition applied(
      String agentId, TransitionRequest request, List<Object> reply) {
    return ReplyReader.transition(
        agentId, reply.subList(1, 4), reply.get(4), request.reason(), null, null);
  }

  private static String commaList(Collection<AgentVersion> versions) {
    return versions.stream().map(Object::toString).collect(Collectors.joining(","));
  }
}
