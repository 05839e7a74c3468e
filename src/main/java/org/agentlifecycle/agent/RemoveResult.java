package org.agentlifecycle.agent;

/** Reply of the store to the removal of a damaged record. */
public enum RemoveResult {
  /** The record and its index entries were removed. */
  REMOVED,
  /** The record can be read. Nothing was changed. */
  READABLE,
  /** There is no such agent. Nothing was changed. */
  NOT_FOUND
}
