/**
 * Knows at every moment, and after every crash, which agent is spawning, running, completed, failed
 * or killed, and tells everyone else.
 *
 * <p>Who may import whom: {@code rest} and {@code valkey → agent, session, feed, kill, admission};
 * {@code session}, {@code feed} and {@code kill → agent, sweep}; {@code sweep → agent}; {@code
 * agent} and {@code admission} import none of them; every package may import {@code config} and
 * {@code health}. Nothing imports {@code rest} or {@code valkey}: CDI wires them. The architecture
 * test holds these arrows.
 */
package org.agentlifecycle;
