/**
 * Agent lifecycle service: it knows at every moment, and after every crash, which agent is
 * spawning, running, completed, failed or killed, and informs its clients.
 *
 * <p>Allowed dependencies:
 *
 * <ul>
 *   <li>{@code config}, {@code health} and {@code admission} use no other package, except that
 *       {@code admission} uses {@code config}.
 *   <li>{@code agent} uses {@code config}.
 *   <li>{@code sweep} uses {@code agent}, {@code config} and {@code health}.
 *   <li>{@code session}, {@code feed} and {@code kill} use these and {@code sweep}.
 *   <li>{@code rest} and {@code valkey} use all packages above. No package uses them; CDI provides
 *       their beans.
 * </ul>
 *
 * <p>{@code ArchitectureTest} checks these rules.
 */
package org.agentlifecycle;
