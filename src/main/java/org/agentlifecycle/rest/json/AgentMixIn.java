package org.agentlifecycle.rest.json;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.time.Instant;
import java.util.Map;
import org.agentlifecycle.agent.Family;
import org.agentlifecycle.agent.Output;
import org.agentlifecycle.agent.Timeouts;

/** JSON form of an agent. The domain does not depend on a JSON library. */
@JsonPropertyOrder({
  "agentId",
  "taskId",
  "family",
  "status",
  "version",
  "spawnedAt",
  "startDeadline",
  "startedAt",
  "runDeadline",
  "completedAt",
  "error",
  "sessionConfirmed",
  "labels",
  "metadata",
  "output"
})
interface AgentMixIn {
  @JsonIgnore
  long sequence();

  @JsonIgnore
  Timeouts timeouts();

  @JsonProperty
  Instant startDeadline();

  @JsonProperty
  Instant runDeadline();

  @JsonUnwrapped
  Family family();

  @JsonUnwrapped
  Output output();

  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  @JsonFormat(with = JsonFormat.Feature.WRITE_SORTED_MAP_ENTRIES)
  Map<String, String> labels();
}
