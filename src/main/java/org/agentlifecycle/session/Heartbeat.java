package org.agentlifecycle.session;

import java.time.Instant;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.Desired;

/**
 * An accepted heartbeat.
 *
 * @param agentId the agent
 * @param status the status of the agent
 * @param leaseExpiresAt deadline of the lease; null: the agent has no lease
 * @param desired the desired state; null: none was set
 */
public record Heartbeat(
    String agentId, AgentStatus status, Instant leaseExpiresAt, Desired desired) {}
