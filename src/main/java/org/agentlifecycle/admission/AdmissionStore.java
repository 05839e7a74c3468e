package org.agentlifecycle.admission;

/**
 * Where admission is kept for all servers; the rules and errors are those of {@code AgentStore},
 * whose registration obeys it in the same step.
 */
public interface AdmissionStore {

  /** What is in force: what was last set, else what the configuration says. */
  Admission get();

  /** Sets it for every server at once. */
  void set(Admission admission);
}
