package org.agentlifecycle.session;

import java.util.List;

/**
 * What one call did of a longer work.
 *
 * @param lookedAt how many it looked at; fewer than it might have: nothing is left
 * @param done what came of those for which there was something to do
 */
public record Batch<T>(int lookedAt, List<T> done) {
  public Batch {
    done = List.copyOf(done);
  }
}
