package org.agentlifecycle.valkey;

import redis.clients.jedis.CommandArguments;

/** Calls of {@link FunctionLibrary#writeAll} that register agents. */
final class RegisterCalls {
  private RegisterCalls() {}

  /** Returns the registration of an agent without labels, metadata, lease and idempotency key. */
  static CommandArguments of(FunctionLibrary functions, String agentId) {
    return functions.writeCall("register", agentId, "task", "", "", "", "", 0, "", "", 1_000, "");
  }
}
