package org.agentlifecycle.rest.json;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.agentlifecycle.agent.Waiting;

/** JSON form of what an agent waits for. */
interface WaitingMixIn {
  @JsonProperty("for")
  Waiting.Kind kind();
}
