package org.agentlifecycle.agent;

/**
 * How many agents there are in each status, how many sessions are open and how many are about to
 * go.
 */
public record Stats(
    long spawning,
    long running,
    long completed,
    long failed,
    long killed,
    long openSessions,
    long pendingCleanups) {}
