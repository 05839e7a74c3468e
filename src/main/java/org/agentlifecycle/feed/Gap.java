package org.agentlifecycle.feed;

/**
 * What was asked for has been trimmed.
 *
 * @param asked the id that somebody wanted to go on from
 * @param oldest the first event that the feed still has
 */
public record Gap(EventId asked, EventId oldest) {}
