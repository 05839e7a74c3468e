package org.agentlifecycle.admission;

/**
 * Whether agents may be spawned.
 *
 * @param open false: none may
 * @param maxActive how many may be spawning or running at once; 0: any number
 */
public record Admission(boolean open, long maxActive) {}
