/**
 * Knows at every moment, and after every crash, which agent is spawning, running, completed, failed
 * or killed, and tells everyone else.
 *
 * <p>Who may import whom: {@code rest → agent, session, feed}; {@code valkey → agent, session,
 * feed}; {@code session → agent, sweep}; {@code feed → agent, sweep}; {@code agent} and {@code
 * sweep} import none of them. Nothing imports {@code rest} or {@code valkey}: CDI wires them. The
 * architecture test holds these arrows.
 */
package org.agentlifecycle;
