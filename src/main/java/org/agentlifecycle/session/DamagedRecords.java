package org.agentlifecycle.session;

import java.util.List;

/**
 * The agents whose record is known to be damaged.
 *
 * @param count number of these agents
 * @param agentIds ids of those that were detected first
 */
public record DamagedRecords(long count, List<String> agentIds) {
  public DamagedRecords {
    agentIds = List.copyOf(agentIds);
  }
}
