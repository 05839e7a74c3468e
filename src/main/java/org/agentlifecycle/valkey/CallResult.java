package org.agentlifecycle.valkey;

import org.agentlifecycle.agent.LifecycleException;

/**
 * Result of one call of several.
 *
 * @param reply the reply; null if the call failed
 * @param failure why the call failed; null if it did not
 */
record CallResult(Object reply, LifecycleException failure) {

  /**
   * Returns the reply.
   *
   * @throws LifecycleException if the call failed
   */
  Object get() {
    if (failure != null) {
      throw failure;
    }
    return reply;
  }
}
