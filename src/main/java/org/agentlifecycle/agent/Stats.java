package org.agentlifecycle.agent;

/** Numbers of agents by status, of open sessions, and of sessions that wait for their cleanup. */
public record Stats(
    long spawning,
    long running,
    long completed,
    long failed,
    long killed,
    long openSessions,
    long pendingCleanups) {}
