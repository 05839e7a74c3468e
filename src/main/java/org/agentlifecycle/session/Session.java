package org.agentlifecycle.session;

import java.time.Instant;
import org.agentlifecycle.agent.RawJson;

/**
 * The live working record of an agent's process.
 *
 * @param agentId the agent whose process it is
 * @param openedAt when the agent was registered
 * @param lastHeartbeatAt when the runner last gave a sign of life; null before the first
 * @param leaseExpiresAt when the agent's lease runs out; null where it has none
 * @param cleanupAt when the cleanup takes it; null while the agent is not final
 * @param context the client's own object; null where none was given
 */
public record Session(
    String agentId,
    Instant openedAt,
    Instant lastHeartbeatAt,
    Instant leaseExpiresAt,
    Instant cleanupAt,
    RawJson context) {}
