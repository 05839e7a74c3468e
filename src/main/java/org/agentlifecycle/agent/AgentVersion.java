package org.agentlifecycle.agent;

/**
 * One version of one life of an agent id. The spawn sequence alone does not identify a life: a
 * store that was restored from a backup, or a replica that became the primary, may assign it again.
 *
 * @param sequence the spawn sequence of the registration
 * @param spawnedAt the time of the registration in milliseconds since 1970
 * @param version the version of the agent
 */
public record AgentVersion(long sequence, long spawnedAt, long version) {

  /** Returns the version of an agent. */
  public static AgentVersion of(Agent agent) {
    return new AgentVersion(agent.sequence(), agent.spawnedAt().toEpochMilli(), agent.version());
  }

  /** Returns the text form, {@code 17.1763823600123-3}, which the function library builds too. */
  @Override
  public String toString() {
    return sequence + "." + spawnedAt + "-" + version;
  }
}
