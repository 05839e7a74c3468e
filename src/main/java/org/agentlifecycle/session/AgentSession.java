package org.agentlifecycle.session;

import org.agentlifecycle.agent.Agent;

/**
 * An agent with its session.
 *
 * @param agent the agent
 * @param session its session; null after the session has ended
 */
public record AgentSession(Agent agent, Session session) {}
