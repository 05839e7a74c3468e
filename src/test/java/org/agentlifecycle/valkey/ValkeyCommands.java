package org.agentlifecycle.valkey;

import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.RedisClient;

/** What an operator types. */
final class ValkeyCommands {
  private ValkeyCommands() {}

  static void type(RedisClient client, Command command, String... words) {
    client.executeCommand(new CommandArguments(command).addObjects((Object[]) words));
  }

  /** Counts calls from here on. */
  static void countAnew(RedisClient client) {
    type(client, Command.CONFIG, "RESETSTAT");
  }
}
