package org.agentlifecycle.rest.json;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import org.agentlifecycle.agent.Agent;

/** JSON form of an agent with its session: the members of the agent, and {@code session}. */
interface AgentSessionMixIn {
  @JsonUnwrapped
  Agent agent();
}
