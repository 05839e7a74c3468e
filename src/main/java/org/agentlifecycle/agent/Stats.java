package org.agentlifecycle.agent;

/**
 * Numbers of agents by status, of open sessions, of sessions that wait for their cleanup, and of
 * agents that wait for somebody.
 */
public record Stats(
    long spawning,
    long running,
    long completed,
    long failed,
    long killed,
    long openSessions,
    long pendingCleanups,
    long waiting) {}
