package org.agentlifecycle.batch;

/** Store of batches. */
public interface BatchStore {

  /** Returns a new pipeline. */
  StorePipeline pipeline();
}
