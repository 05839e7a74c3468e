package org.agentlifecycle.rest.response;

import java.time.Instant;
import org.agentlifecycle.kill.Kill;

/**
 * Progress of a bulk kill.
 *
 * @param state {@code running} or {@code done}
 * @param matched number of agents that match the selector
 * @param alreadyFinished number of agents that were final before the kill reached them
 * @param finishedAt null while the kill is running
 * @param deadline end of the grace period; null: there is none
 */
public record KillProgress(
    String killId,
    String state,
    boolean dryRun,
    long matched,
    long killed,
    long alreadyFinished,
    Instant startedAt,
    Instant finishedAt,
    Instant deadline) {

  public static KillProgress of(Kill kill) {
    return new KillProgress(
        kill.killId(),
        kill.running() ? "running" : "done",
        kill.dryRun(),
        kill.matched(),
        kill.killed(),
        kill.alreadyFinished(),
        kill.startedAt(),
        kill.finishedAt(),
        kill.deadline());
  }
}
