package org.agentlifecycle.valkey;

import static org.agentlifecycle.valkey.Rows.number;
import static org.agentlifecycle.valkey.Rows.text;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.session.CloseResult;
import org.agentlifecycle.session.Session;
import org.agentlifecycle.session.SessionStore;

/** Sessions in Valkey. */
@ApplicationScoped
public class ValkeySessionStore implements SessionStore {
  private static final String FINAL_STATUSES =
      ValkeyAgentStore.wireNames(
          Arrays.stream(AgentStatus.values()).filter(AgentStatus::isFinal).toList());

  private final FunctionLibrary functions;

  /** For the client proxy. */
  protected ValkeySessionStore() {
    this(null);
  }

  @Inject
  public ValkeySessionStore(FunctionLibrary functions) {
    this.functions = functions;
  }

  @Override
  public Optional<Session> findSession(String agentId) {
    List<Object> found = functions.read("session", agentId);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        Rows.parsed(
            agentId,
            () ->
                new Session(
                    agentId,
                    Rows.instant(found, 0),
                    null,
                    null,
                    Rows.instant(found, 1),
                    Rows.json(found, 2))));
  }

  @Override
  public CloseResult closeSession(String agentId) {
    List<Object> answer = functions.write("close_session", agentId, FINAL_STATUSES);
    return switch (text(answer, 0)) {
      case "ok" -> new CloseResult.Closed(cleanup(answer.subList(1, answer.size()), true));
      case "unfinished" -> new CloseResult.NotFinished(Rows.status(text(answer, 1)));
      case "no-session" -> new CloseResult.NoSession();
      case "missing" -> new CloseResult.NoAgent();
      default ->
          throw LifecycleException.storeFault("close_session answered " + text(answer, 0), null);
    };
  }

  @Override
  public List<AgentEvent> cleanUpDue(int limit) {
    return Rows.each(functions.write("clean_up", limit), ended -> cleanup(ended, false));
  }

  private static AgentEvent cleanup(List<Object> ended, boolean confirmed) {
    return new AgentEvent(
        text(ended, 0),
        AgentEvent.Type.CLEANUP,
        text(ended, 2),
        text(ended, 3),
        Rows.instant(ended, 1),
        null,
        number(ended.get(4)),
        null,
        null,
        null,
        null,
        null,
        confirmed);
  }
}
