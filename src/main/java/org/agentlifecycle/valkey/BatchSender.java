package org.agentlifecycle.valkey;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Sends many commands of one caller in slices. Between two slices other callers have their turn.
 */
final class BatchSender {

  /** Maximum number of commands in a slice. The store needs about 2 ms for it. */
  static final int MAX_COMMANDS = 50;

  /** No slice starts later than this, so that its request ends in time. */
  private static final Duration MAX_START = Duration.ofMillis(900);

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

  /** Sends the commands in order. Each result is a reply or a {@link JedisException}. */
  List<Object> send(List<CommandArguments> commands) {
    long start = System.nanoTime();
    List<Object> results = new ArrayList<>(commands.size());
    RuntimeException end = null;
    while (results.size() < commands.size() && end == null) {
      int from = results.size();
      int to = Math.min(from + MAX_COMMANDS, commands.size());
      List<Object> slice = sendSlice(commands.subList(from, to));
      results.addAll(slice);
      end = lost(slice);
      if (end == null && System.nanoTime() - start > MAX_START.toNanos()) {
        end = new JedisException("the batch takes too long");
      }
    }
    while (results.size() < commands.size()) {
      results.add(new CallNotSentException(end));
    }
    return results;
  }

  /** Returns why no other slice should be sent; null if it should. */
  private static RuntimeException lost(List<Object> slice) {
    for (Object result : slice) {
      if (result instanceof CallNotSentException notSent) {
        return notSent.reason();
      }
      if (result instanceof JedisConnectionException lost) {
        return lost;
      }
    }
    return null;
  }

  /** A missing function changed nothing, so its calls can be repeated. */
  private List<Object> sendSlice(List<CommandArguments> commands) {
    List<Object> results = attempt(commands);
    List<Integer> missing =
        IntStream.range(0, results.size())
            .filter(i -> isFunctionMissing(results.get(i)))
            .boxed()
            .toList();
    if (!missing.isEmpty()) {
      List<Object> repeated = loadAndAttempt(missing.stream().map(commands::get).toList());
      IntStream.range(0, missing.size()).forEach(i -> results.set(missing.get(i), repeated.get(i)));
    }
    return results;
  }

  private List<Object> loadAndAttempt(List<CommandArguments> commands) {
    try {
      load.run();
      return attempt(commands);
    } catch (JedisException notLoaded) {
      return notSent(commands, notLoaded);
    }
  }

  private List<Object> attempt(List<CommandArguments> commands) {
    try {
      return sendTogether.apply(commands);
    } catch (CallNotSentException shed) {
      return notSent(commands, shed.reason());
    }
  }

  private static List<Object> notSent(List<CommandArguments> commands, RuntimeException reason) {
    return new ArrayList<>(Collections.nCopies(commands.size(), new CallNotSentException(reason)));
  }

  private static boolean isFunctionMissing(Object result) {
    return result instanceof JedisDataException error && StoreErrors.isFunctionMissing(error);
  }
}
