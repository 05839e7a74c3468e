package org.agentlifecycle.valkey;

import static org.agentlifecycle.valkey.Rows.number;
import static org.agentlifecycle.valkey.Rows.orEmpty;
import static org.agentlifecycle.valkey.Rows.row;
import static org.agentlifecycle.valkey.Rows.text;

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
  public RegisterResult register(Registration asked, IdempotencyKey key) {
    Duration lease = asked.lease() == null ? sessions.defaultLease() : asked.lease();
    List<Object> answer =
        functions.write(
            "register",
            asked.agentId(),
            asked.taskId(),
            Rows.labels(asked.labels()),
            orEmpty(asked.metadata()),
            orEmpty(asked.session()),
            lease == null ? "" : lease.toMillis(),
            admission.maxActive(),
            Rows.key(key),
            Rows.textFingerprint(key),
            settings.idempotencyRetention().toMillis(),
            Rows.fingerprint(key));
    return switch (text(answer, 0)) {
      case "ok" -> new RegisterResult.Registered(registered(asked, answer), false);
      case "again" -> new RegisterResult.Registered(registered(asked, answer), true);
      case "exists" -> new RegisterResult.AlreadyExists();
      case "closed" -> new RegisterResult.AdmissionClosed();
      case "limit" -> new RegisterResult.AdmissionLimitReached(number(answer.get(1)));
      case "reused" -> new RegisterResult.KeyReused();
      default -> throw Rows.unexpected("register", answer);
    };
  }

  /** The id is the answer's: a client that lets us choose it has another one in each call. */
  private static CommittedTransition registered(Registration asked, List<Object> answer) {
    Instant at = Rows.instant(answer, 2);
    Agent agent =
        new Agent(
            text(answer, 3),
            asked.taskId(),
            AgentStatus.SPAWNING,
            1,
            at,
            null,
            null,
            null,
            asked.labels(),
            asked.metadata(),
            null,
            answer.size() > 4 ? number(answer.get(4)) : Agent.UNKNOWN_SEQUENCE);
    return new CommittedTransition(
        agent, TransitionEvent.of(agent, text(answer, 1), at, null, null, null));
  }

  @Override
  public TransitionResult move(
      String agentId, TransitionRequest move, List<AgentStatus> legalFrom, IdempotencyKey key) {
    List<Object> answer =
        functions.write(
            "move",
            agentId,
            move.to().wireName(),
            move.to().isFinal() ? "final" : "",
            sessions.cleanupDelay().toMillis(),
            Rows.wireNames(legalFrom),
            move.ifVersion() == null ? "*" : commaList(move.ifVersion()),
            orEmpty(move.error()),
            orEmpty(move.reason()),
            "",
            Rows.key(key),
            Rows.textFingerprint(key),
            settings.idempotencyRetention().toMillis(),
            Rows.fingerprint(key));
    return switch (text(answer, 0)) {
      case "ok" -> new TransitionResult.Applied(moved(agentId, move, answer), false);
      case "again" -> new TransitionResult.Applied(moved(agentId, move, answer), true);
      case "illegal" -> new TransitionResult.Illegal(Rows.status(text(answer, 1)));
      case "stale" -> new TransitionResult.VersionMismatch(number(answer.get(1)));
      case "missing" -> new TransitionResult.NotFound();
      case "reused" -> new TransitionResult.KeyReused();
      default -> throw Rows.unexpected("move", answer);
    };
  }

  private static CommittedTransition moved(
      String agentId, TransitionRequest move, List<Object> answer) {
    return Rows.change(agentId, answer.subList(1, 4), row(answer.get(4)), move.reason(), null);
  }

  @Override
  public Optional<Agent> find(String agentId) {
    List<Object> fields = functions.read("find", agentId);
    return fields.isEmpty() ? Optional.empty() : Optional.of(Rows.agent(agentId, fields));
  }

  @Override
  public AgentPage list(AgentQuery query) {
    AgentRows<Agent> page = AgentRows.read(functions, query, "", AgentRows::agent);
    return new AgentPage(page.items(), page.next(), page.unreadable());
  }

  @Override
  public Optional<List<Transition>> history(String agentId) {
    List<Object> answer = functions.read("history", agentId);
    if (answer.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(Rows.parsed(agentId, () -> transitions(answer)));
  }

  private static List<Transition> transitions(List<Object> answer) {
    List<Transition> transitions = new ArrayList<>();
    for (int column = 1; column < answer.size(); column += 3) {
      String[] step = text(answer, column).split(" ", 4);
      AgentStatus to = Rows.status(step[3]);
      transitions.add(
          new Transition(
              transitions.size() + 1L,
              "-".equals(step[2]) ? null : Rows.status(step[2]),
              to,
              Instant.ofEpochMilli(Long.parseLong(step[1])),
              text(answer, column + 2),
              text(answer, column + 1),
              to == AgentStatus.FAILED ? text(answer, 0) : null,
              step[0]));
    }
    return transitions;
  }

  @Override
  public RemoveResult removeDamaged(String agentId) {
    List<Object> reply = functions.write("remove_damaged", agentId);
    return switch (Rows.text(reply, 0)) {
      case "ok" -> RemoveResult.REMOVED;
      case "readable" -> RemoveResult.READABLE;
      case "missing" -> RemoveResult.NOT_FOUND;
      default -> throw Rows.unexpected("remove_damaged", reply);
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
