package org.agentlifecycle.valkey;

import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.CommandObject;

/** Sends commands to the store, one at a time, and returns the replies. */
@FunctionalInterface
interface CommandSender {

  /**
   * Sends a command and waits for its reply.
   *
   * @throws CallNotSentException if the command was not sent
   * @throws redis.clients.jedis.exceptions.JedisConnectionException if no reply was received
   * @throws redis.clients.jedis.exceptions.JedisDataException if the reply is an error
   */
  Object send(CommandArguments command);

  /** Sends a command and converts its reply. */
  default <T> T send(CommandObject<T> command) {
    return command.getBuilder().build(send(command.getArguments()));
  }
}
