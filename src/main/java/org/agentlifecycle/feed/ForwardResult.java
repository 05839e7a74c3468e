package org.agentlifecycle.feed;

/**
 * Result of one step of forwarding.
 *
 * @param published the number of events that were published
 * @param more whether the feed has more unpublished events
 */
public record ForwardResult(int published, boolean more) {}
