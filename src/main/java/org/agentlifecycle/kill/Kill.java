package org.agentlifecycle.kill;

import java.time.Instant;

/**
 * Progress of a bulk kill.
 *
 * @param running false: the kill is done
 * @param dryRun whether the kill only counts
 * @param matched number of agents found so far that matched at the start of the kill
 * @param killed number of these that the kill has killed; with a grace period, number of these that
 *     have ended after their stop was requested
 * @param alreadyFinished number of these that became final before the kill reached them
 * @param startedAt start of the kill
 * @param finishedAt end of the kill; null while it is running
 * @param deadline end of the grace period; null: there is none
 */
public record Kill(
    String killId,
    boolean running,
    boolean dryRun,
    long matched,
    long killed,
    long alreadyFinished,
    Instant startedAt,
    Instant finishedAt,
    Instant deadline) {}
