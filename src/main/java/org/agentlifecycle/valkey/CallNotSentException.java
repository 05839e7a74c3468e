package org.agentlifecycle.valkey;

import redis.clients.jedis.exceptions.JedisException;

/**
 * A call was not sent to the store, or was not sent completely, so that it changed nothing. The
 * cause is the reason.
 */
final class CallNotSentException extends JedisException {
  private static final long serialVersionUID = 1L;

  CallNotSentException(RuntimeException cause) {
    super(cause);
  }

  RuntimeException reason() {
    return (RuntimeException) getCause();
  }
}
