package org.agentlifecycle.valkey;

import java.util.List;

/** Calls of {@link FunctionLibrary#writeAll} that register agents. */
final class RegisterCalls {
  private RegisterCalls() {}

  /**
   * Returns the registration of an agent without labels, metadata, lease and idempotency key. Its
   * result is the first column of the reply.
   */
  static FunctionCall<String> of(String agentId) {
    return new FunctionCall<>(
        "register",
        List.of(agentId, "task", "", "", "", "", 0),
        reply -> ReplyReader.text(reply, 0));
  }
}
