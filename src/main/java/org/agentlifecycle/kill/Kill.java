package org.agentlifecycle.kill;

import java.time.Instant;

/**
 * How far a bulk kill has come.
 *
 * @param killId its id
 * @param running whether it is still at work
 * @param dryRun whether it only counts
 * @param matched how many agents it has found that it selected when it began
 * @param killed how many of them it killed
 * @param alreadyFinished how many of them became final before it reached them
 * @param startedAt when it began
 * @param finishedAt when it was done; null before
 */
public record Kill(
    String killId,
    boolean running,
    boolean dryRun,
    long matched,
    long killed,
    long alreadyFinished,
    Instant startedAt,
    Instant finishedAt) {}
