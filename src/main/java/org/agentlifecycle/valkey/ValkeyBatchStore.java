package org.agentlifecycle.valkey;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.agentlifecycle.admission.AdmissionSettings;
import org.agentlifecycle.agent.AgentSettings;
import org.agentlifecycle.batch.BatchStore;
import org.agentlifecycle.batch.StorePipeline;
import org.agentlifecycle.session.SessionSettings;

/** Batches in Valkey. */
@ApplicationScoped
public class ValkeyBatchStore implements BatchStore {
  private final FunctionLibrary functions;
  private final AgentCalls agents;
  private final SessionCalls sessions;
  private final SupervisionCalls supervision;

  /** For the client proxy. */
  protected ValkeyBatchStore() {
    functions = null;
    agents = null;
    sessions = null;
    supervision = null;
  }

  @Inject
  public ValkeyBatchStore(
      FunctionLibrary functions,
      AgentSettings agents,
      SessionSettings sessions,
      AdmissionSettings admission) {
    this.functions = functions;
    this.agents = new AgentCalls(agents, sessions, admission);
    this.sessions = new SessionCalls(agents);
    this.supervision = new SupervisionCalls(agents);
  }

  @Override
  public StorePipeline pipeline() {
    return new ValkeyPipeline(functions, agents, sessions, supervision);
  }
}
