package org.agentlifecycle.valkey;

import static org.agentlifecycle.valkey.ReplyReader.number;
import static org.agentlifecycle.valkey.ReplyReader.text;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.agentlifecycle.admission.AdmissionSettings;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentPage;
import org.agentlifecycle.agent.AgentQuery;
import org.agentlifecycle.agent.AgentSettings;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.AgentStore;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.agent.RegisterResult;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.RemoveResult;
import org.agentlifecycle.agent.Stats;
import org.agentlifecycle.agent.Transition;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.agent.TransitionResult;
import org.agentlifecycle.session.SessionSettings;

/** Agents in Valkey. */
@ApplicationScoped
public class ValkeyAgentStore implements AgentStore {
  private final FunctionLibrary functions;
  private final AgentCalls calls;

  /** For the client proxy. */
  protected ValkeyAgentStore() {
    functions = null;
    calls = null;
  }

  @Inject
  public ValkeyAgentStore(
      FunctionLibrary functions,
      AgentSettings settings,
      SessionSettings sessions,
      AdmissionSettings admission) {
    this.functions = functions;
    this.calls = new AgentCalls(settings, sessions, admission);
  }

  @Override
  public RegisterResult register(Registration registration, IdempotencyKey key) {
    return functions.write(calls.register(registration, key));
  }

  @Override
  public TransitionResult move(
      String agentId, TransitionRequest request, List<AgentStatus> legalFrom, IdempotencyKey key) {
    return functions.write(calls.move(agentId, request, legalFrom, key));
  }

  @Override
  public Optional<Agent> find(String agentId) {
    List<Object> found = functions.read("find", agentId);
    return found.stream().map(text -> ReplyReader.agent(agentId, text)).findFirst();
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
        number(counts.get(6)),
        number(counts.get(7)));
  }
}
