package org.agentlifecycle.agent;

import java.util.List;

/**
 * What an agent has produced. Its transition to a final status sets it.
 *
 * @param result any JSON value of the client; null: none
 * @param links may be empty, not null
 */
public record Output(RawJson result, List<Link> links) {

  /** Maximum number of links. */
  public static final int MAX_LINKS = 8;

  /** No result and no links. */
  public static final Output NONE = new Output(null, List.of());

  public Output {
    links = List.copyOf(links);
  }
}
