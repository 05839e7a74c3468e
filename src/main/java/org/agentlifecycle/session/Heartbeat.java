package org.agentlifecycle.session;

import java.time.Instant;
import org.agentlifecycle.agent.AgentStatus;

/**
 * An accepted heartbeat.
 *
 * @param agentId the agent
 * @param status the status of the agent
 * @param leaseExpiresAt deadline of the lease; null: the agent has no lease
 */
public record Heartbeat(String agentId, AgentStatus status, Instant leaseExpiresAt) {}
