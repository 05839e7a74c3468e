package org.agentlifecycle.admission;

/**
 * Store of the admission, which applies to all servers. The rules and errors are those of {@code
 * AgentStore}, whose registration checks the admission in the same atomic step.
 */
public interface AdmissionStore {

  /** Returns the admission that was set last; by default that of the configuration. */
  Admission get();

  /** Sets the admission for all servers. */
  void set(Admission admission);
}
