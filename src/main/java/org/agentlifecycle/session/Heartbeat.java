package org.agentlifecycle.session;

import java.time.Instant;
import org.agentlifecycle.agent.AgentStatus;

/**
 * A sign of life that was taken.
 *
 * @param agentId the agent whose runner gave it
 * @param status where the agent is in its life
 * @param leaseExpiresAt when the next one is due; null where the agent has no lease
 */
public record Heartbeat(String agentId, AgentStatus status, Instant leaseExpiresAt) {}
