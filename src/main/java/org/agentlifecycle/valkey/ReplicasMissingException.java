package org.agentlifecycle.valkey;

import java.io.IOException;

/** The replicas did not confirm a change in time. */
final class ReplicasMissingException extends IOException {
  private static final long serialVersionUID = 1L;

  ReplicasMissingException() {
    super("too few replicas have confirmed the change");
  }
}
