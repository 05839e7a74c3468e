package org.agentlifecycle.rest.json;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.Map;
import org.agentlifecycle.agent.Output;

/** JSON form of an agent. The domain does not depend on a JSON library. */
@JsonPropertyOrder({
  "agentId",
  "taskId",
  "status",
  "version",
  "spawnedAt",
  "startedAt",
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

  @JsonUnwrapped
  Output output();

  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  @JsonFormat(with = JsonFormat.Feature.WRITE_SORTED_MAP_ENTRIES)
  Map<String, String> labels();
}
