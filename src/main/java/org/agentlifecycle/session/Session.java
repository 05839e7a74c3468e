package org.agentlifecycle.session;

import java.time.Instant;
import org.agentlifecycle.agent.Desired;
import org.agentlifecycle.agent.RawJson;
import org.agentlifecycle.agent.Waiting;

/**
 * The record of the process of an agent.
 *
 * @param agentId the agent
 * @param openedAt time of the registration
 * @param lastHeartbeatAt time of the last heartbeat; null: there was none
 * @param leaseExpiresAt deadline of the lease; null: the agent has no lease
 * @param cleanupAt due time of the cleanup; null while the agent is active
 * @param progress the last progress; null: there was none
 * @param progressAt when the progress changed; null: there was none
 * @param waiting whom the agent waits for; null: nobody
 * @param desired the desired state; null: none was set
 * @param context JSON object of the client; null: none
 */
public record Session(
    String agentId,
    Instant openedAt,
    Instant lastHeartbeatAt,
    Instant leaseExpiresAt,
    Instant cleanupAt,
    Progress progress,
    Instant progressAt,
    Waiting waiting,
    Desired desired,
    RawJson context) {}
