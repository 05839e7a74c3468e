package org.agentlifecycle.feed;

/**
 * Events that the client requested and that are no longer stored.
 *
 * @param asked the requested position
 * @param oldest the oldest stored event, with which the stream continues
 */
public record Gap(EventId asked, EventId oldest) {}
