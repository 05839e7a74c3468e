package org.agentlifecycle.valkey;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/** Sends several function calls of one caller together, and repeats those of missing functions. */
final class BatchSender {
  private final Function<List<CommandArguments>, List<Object>> sendTogether;
  private final Runnable load;

  /**
   * @param sendTogether sends commands in one write; each result is a reply or a {@link
   *     JedisException}
   * @param load loads the functions
   */
  BatchSender(Function<List<CommandArguments>, List<Object>> sendTogether, Runnable load) {
    this.sendTogether = sendTogether;
    this.load = load;
  }

  /**
   * Sends the calls in order. A missing function changed nothing, so its calls can be repeated. A
   * call before an executed one is not repeated, because calls must take effect in their order.
   *
   * @return for each call a reply or a {@link JedisException}
   */
  List<Object> send(List<CommandArguments> calls) {
    List<Object> results = new ArrayList<>(attempt(calls));
    int executed = results.size();
    while (executed > 0 && isFunctionMissing(results.get(executed - 1))) {
      executed--;
    }
    for (int i = 0; i < executed; i++) {
      if (isFunctionMissing(results.get(i))) {
        results.set(i, new CallNotSentException((JedisException) results.get(i)));
      }
    }
    if (executed < calls.size()) {
      List<Object> tail = results.subList(executed, results.size());
      List<Object> repeated = loadAndAttempt(calls.subList(executed, calls.size()));
      Collections.copy(tail, repeated);
    }
    return results;
  }

  private List<Object> loadAndAttempt(List<CommandArguments> calls) {
    try {
      load.run();
      return attempt(calls);
    } catch (JedisException notLoaded) {
      return notSent(calls, notLoaded);
    }
  }

  private List<Object> attempt(List<CommandArguments> calls) {
    try {
      return sendTogether.apply(calls);
    } catch (CallNotSentException shed) {
      return notSent(calls, shed.reason());
    }
  }

  private static List<Object> notSent(List<CommandArguments> calls, RuntimeException reason) {
    return Collections.nCopies(calls.size(), new CallNotSentException(reason));
  }

  private static boolean isFunctionMissing(Object result) {
    return result instanceof JedisDataException error && StoreErrors.isFunctionMissing(error);
  }
}
