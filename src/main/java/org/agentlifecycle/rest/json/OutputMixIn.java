package org.agentlifecycle.rest.json;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.agentlifecycle.agent.Link;

/** JSON form of the output of an agent. */
interface OutputMixIn {
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  List<Link> links();
}
