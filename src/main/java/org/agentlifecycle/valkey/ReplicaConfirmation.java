package org.agentlifecycle.valkey;

import java.time.Duration;
import java.util.List;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisConnectionException;

/**
 * The commands that confirm changes: a write and a {@code WAIT} for the replicas that have it.
 * Replicas apply the changes of all connections in one order. A replica that has the write
 * therefore has every change before it, also one that a call only read: the stored response to an
 * idempotency key.
 */
final class ReplicaConfirmation {
  /** Shorter than {@link ValkeyClient#SOCKET_TIMEOUT}, so that a reply arrives in time. */
  private static final Duration TIMEOUT = Duration.ofMillis(300);

  private final int replicas;
  private final List<CommandArguments> commands;

  /**
   * @param replicas number of replicas, at least 1
   * @param namespace the namespace of the service
   */
  ReplicaConfirmation(int replicas, String namespace) {
    this.replicas = replicas;
    this.commands =
        List.of(
            new CommandArguments(Command.FCALL)
                .add(LibrarySource.load().functionName("confirm"))
                .add(1)
                .key(Keys.of(namespace).hashTag()),
            new CommandArguments(Command.WAIT).add(replicas).add(TIMEOUT.toMillis()));
  }

  List<CommandArguments> commands() {
    return commands;
  }

  /**
   * Returns whether enough replicas have the changes.
   *
   * @param replies the replies to the commands
   */
  boolean isConfirmed(List<Object> replies) {
    return replies.get(0) instanceof List
        && replies.get(1) instanceof Long acks
        && acks >= replicas;
  }

  /** Returns the reply of a call that the replicas did not confirm. An error changed nothing. */
  static Object unconfirmed(Object reply) {
    return reply instanceof RuntimeException error
        ? error
        : new JedisConnectionException(new ReplicasMissingException());
  }
}
