package org.agentlifecycle.rest.http;

import java.util.concurrent.Semaphore;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.rest.problem.ProblemException;
import org.agentlifecycle.rest.problem.Problems;

/**
 * Memory for the bodies of batches, which all requests of this server share. Without a limit, a few
 * hundred clients that send large bodies slowly could fill the memory.
 */
final class BodyMemory {

  /** Maximum number of bytes: eight batches of the maximum length. */
  static final int MAX = 8 * BodyBuffer.MAX_BATCH_LENGTH;

  private final Semaphore bytes = new Semaphore(MAX);

  /**
   * @throws ProblemException 503 if the memory is in use
   */
  void reserve(int count) {
    if (!bytes.tryAcquire(count)) {
      throw new ProblemException(Problems.of(LifecycleException.tooManyBatches(), "a large body"));
    }
  }

  void release(int count) {
    bytes.release(count);
  }
}
