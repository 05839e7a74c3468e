package org.agentlifecycle.feed;

import org.agentlifecycle.agent.AgentEvent;

/**
 * An event as the feed holds it.
 *
 * @param id where it is in the feed
 * @param type what kind of thing happened
 * @param agentId the agent it happened to
 * @param taskId the agent's task
 * @param json the whole event, its id included, as the channel has it
 */
public record FeedEvent(
    EventId id, AgentEvent.Type type, String agentId, String taskId, String json) {}
