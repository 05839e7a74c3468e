package org.agentlifecycle.valkey;

import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.RedisClient;

/** Commands of an operator. */
final class ValkeyCommands {
  private ValkeyCommands() {}

  static void type(RedisClient client, Command command, String... words) {
    client.executeCommand(new CommandArguments(command).addObjects((Object[]) words));
  }

  /** Resets the counters of the store. */
  static void resetCounters(RedisClient client) {
    type(client, Command.CONFIG, "RESETSTAT");
  }
}
