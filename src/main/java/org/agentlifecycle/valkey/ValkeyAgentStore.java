package org.agentlifecycle.valkey;

import static org.agentlifecycle.valkey.FunctionArguments.optional;
import static org.agentlifecycle.valkey.ReplyReader.number;
import static org.agentlifecycle.valkey.ReplyReader.text;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.agentlifecycle.admission.AdmissionSettings;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentPage;
import org.agentlifecycle.agent.AgentQuery;
import org.agentlifecycle.agent.AgentSettings;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.AgentStore;
import org.agentlifecycle.agent.AgentVersion;
import org.agentlifecycle.agent.CommittedTransition;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.agent.RegisterResult;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.RemoveResult;
import org.agentlifecycle.agent.Stats;
import org.agentlifecycle.agent.Transition;
import org.agentlifecycle.agent.TransitionEvent;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.agent.TransitionResult;
import org.agentlifecycle.session.SessionSettings;

/** Agents in Valkey. */
@ApplicationScoped
public class ValkeyAgentStore implements AgentStore {
  private final FunctionLibrary functions;
  private final AgentSettings settings;
  private final SessionSettings sessions;
  private final AdmissionSettings admission;

  /** For the client proxy. */
  protected ValkeyAgentStore() {
    this(null, null, null, null);
  }

  @Inject
  public ValkeyAgentStore(
      FunctionLibrary functions,
      AgentSettings settings,
      SessionSettings sessions,
      AdmissionSettings admission) {
    this.functions = functions;
    this.settings = settings;
    this.sessions = sessions;
    this.admission = admission;
  }

  @Override
  public RegisterResult register(Registration registration, IdempotencyKey key) {
    Duration lease = registration.lease() == null ? sessions.defaultLease() : registration.lease();
    List<Object> reply =
        functions.write(
            "register",
            registration.agentId(),
            registration.taskId(),
            FunctionArguments.labels(registration.labels()),
            optional(registration.metadata()),
            optional(registration.session()),
            lease == null ? "" : lease.toMillis(),
            admission.maxActive(),
            FunctionArguments.idempotencyKey(key),
            FunctionArguments.textFingerprint(key),
            settings.idempotencyRetention().toMillis(),
            FunctionArguments.fingerprint(key));
    return switch (text(reply, 0)) {
      case "ok" -> new RegisterResult.Registered(registered(registration, reply), false);
      case "replayed" -> new RegisterResult.Registered(registered(registration, reply), true);
      case "exists" -> new RegisterResult.AlreadyExists();
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
    Agent agent =
        new Agent(
            text(reply, 3),
            registration.taskId(),
            AgentStatus.SPAWNING,
            1,
            at,
            null,
            null,
            null,
            registration.labels(),
            registration.metadata(),
            null,
            reply.size() > 4 ? number(reply.get(4)) : Agent.UNKNOWN_SEQUENCE);
    return new CommittedTransition(
        agent, TransitionEvent.of(agent, text(reply, 1), at, null, null, null));
  }

  @Override
  public TransitionResult move(
      String agentId, TransitionRequest request, List<AgentStatus> legalFrom, IdempotencyKey key) {
    List<Object> reply =
        functions.write(
            "move",
            agentId,
            request.to().wireName(),
            request.to().isFinal() ? "final" : "",
            sessions.cleanupDelay().toMillis(),
            FunctionArguments.statuses(legalFrom),
            request.ifVersion() == null ? "*" : commaList(request.ifVersion()),
            optional(request.error()),
            optional(request.reason()),
            "",
            FunctionArguments.idempotencyKey(key),
            FunctionArguments.textFingerprint(key),
            settings.idempotencyRetention().toMillis(),
            FunctionArguments.fingerprint(key));
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
        agentId, reply.subList(1, 4), ReplyReader.list(reply.get(4)), request.reason(), null);
  }

  @Override
  public Optional<Agent> find(String agentId) {
    List<Object> fields = functions.read("find", agentId);
    return fields.isEmpty() ? Optional.empty() : Optional.of(ReplyReader.agent(agentId, fields));
  }

  @Override
  public AgentPage list(AgentQuery query) {
    AgentPageReply<Agent> page = AgentPageReply.read(functions, query, "", AgentPageReply::agent);
    return new AgentPage(page.items(), page.next(), page.unreadable());
  }

  @Override
  public Optional<List<Transition>> history(String agentId) {
    List<Object> reply = functions.read("history", agentId);
    if (reply.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(ReplyReader.parseRecord(agentId, () -> transitions(reply)));
  }

  private static List<Transition> transitions(List<Object> reply) {
    List<Transition> transitions = new ArrayList<>();
    for (int column = 1; column < reply.size(); column += 3) {
      String[] step = text(reply, column).split(" ", 4);
      AgentStatus to = ReplyReader.status(step[3]);
      transitions.add(
          new Transition(
              transitions.size() + 1L,
              "-".equals(step[2]) ? null : ReplyReader.status(step[2]),
              to,
              Instant.ofEpochMilli(Long.parseLong(step[1])),
              text(reply, column + 2),
              text(reply, column + 1),
              to == AgentStatus.FAILED ? text(reply, 0) : null,
              step[0]));
    }
    return transitions;
  }

  @Override
  public RemoveResult removeDamaged(String agentId) {
    List<Object> reply = functions.write("remove_damaged", agentId);
    return switch (ReplyReader.text(reply, 0)) {
      case "ok" -> RemoveResult.REMOVED;
      case "readable" -> RemoveResult.READABLE;
      case "missing" -> RemoveResult.NOT_FOUND;
      default -> throw ReplyReader.unexpectedReply("remove_damaged", reply);
    };
  }

  @Override
  public Stats stats() {
    List<Object> counts = functions.read("stats");
    return new Stats(
        number(counts.get(0)),
        number(counts.get(1)),
        number(counts.get(2)),
        number(counts.get(3)),
        number(counts.get(4)),
        number(counts.get(5)),
        number(counts.get(6)));
  }

  private static String commaList(Collection<AgentVersion> versions) {
    return versions.stream().map(Object::toString).collect(Collectors.joining(","));
  }
}
