package org.agentlifecycle.session;

import java.util.List;

/**
 * Result of one bounded step of a sweep.
 *
 * @param scanned number of entries that the step looked at; if it equals the limit of the step,
 *     more work may be pending
 * @param results one element for each agent that the step changed
 * @param damaged ids of agents whose record cannot be read and that no earlier step has reported
 */
public record SweepResult<T>(int scanned, List<T> results, List<String> damaged) {
  public SweepResult {
    results = List.copyOf(results);
    damaged = List.copyOf(damaged);
  }

  /** Result of a step that found no damaged record. */
  public SweepResult(int scanned, List<T> results) {
    this(scanned, results, List.of());
  }
}
