package org.agentlifecycle.valkey;

/**
 * The fields of an agent in a reply. Their order is that of {@code AGENT_FIELDS} in {@code
 * agents.lua}.
 */
enum AgentField {
  STATUS,
  VERSION,
  TASK,
  SPAWNED,
  STARTED,
  COMPLETED,
  ERROR,
  LABELS,
  METADATA,
  SEQ,
  LEASE,
  CONFIRMED
}
