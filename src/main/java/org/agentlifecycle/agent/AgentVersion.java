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
  private static final long ANY_LIFE = -1;

  /** Returns the version of an agent. */
  public static AgentVersion of(Agent agent) {
    return new AgentVersion(agent.sequence(), agent.spawnedAt().toEpochMilli(), agent.version());
  }

  /** Returns a version of any life of the id. */
  public static AgentVersion ofAnyLife(long version) {
    return new AgentVersion(ANY_LIFE, ANY_LIFE, version);
  }

  /** Returns whether this is the version of the agent. */
  public boolean matches(Agent agent) {
    return sequence == ANY_LIFE ? version == agent.version() : equals(of(agent));
  }

  /**
   * Returns the text form, which the function library compares: {@code 17.1763823600123-3}, or
   * {@code 3} for a version of any life.
   */
  @Override
  public String toString() {
    return sequence == ANY_LIFE
        ? Long.toString(version)
        : sequence + "." + spawnedAt + "-" + version;
  }
}
