/**
 * Agent lifecycle service: it knows at every moment, and after every crash, which agent is
 * spawning, running, completed, failed or killed, and informs its clients.
 *
 * <p>Allowed dependencies:
 *
 * <ul>
 *   <li>{@code config} and {@code health} use no other package.
 *   <li>{@code agent} and {@code admission} use {@code config}.
 *   <li>{@code sweep} uses {@code agent}, {@code config} and {@code health}.
 *   <li>{@code session} and {@code feed} use these four; {@code kill} uses {@code agent}, {@code
 *       config} and {@code sweep}; {@code supervision} uses {@code agent}, {@code session} and
 *       {@code sweep}; {@code batch} uses {@code agent}, {@code config}, {@code session} and {@code
 *       supervision}.
 *   <li>{@code rest} and {@code valkey} use all of these packages except {@code sweep}. No package
 *       uses {@code rest} or {@code valkey}; CDI provides their beans.
 * </ul>
 *
 * <p>{@code ArchitectureTest} checks these rules.
 */
package org.agentlifecycle;
