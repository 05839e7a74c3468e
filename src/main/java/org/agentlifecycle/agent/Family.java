package org.agentlifecycle.agent;

import java.util.List;

/**
 * The place of an agent in the tree of agents that started each other.
 *
 * @param parentId the agent that started it; null: none did
 * @param rootId the agent at the top of the tree: itself if it has no parent
 * @param depth number of its ancestors
 */
public record Family(String parentId, String rootId, int depth) {

  /** Returns the family of an agent without a parent. */
  public static Family ofRoot(String agentId) {
    return new Family(null, agentId, 0);
  }

  /**
   * Returns the family of an agent with a parent.
   *
   * @param ancestors the root … the parent; not empty
   */
  public static Family below(List<String> ancestors) {
    return new Family(ancestors.get(ancestors.size() - 1), ancestors.get(0), ancestors.size());
  }
}
